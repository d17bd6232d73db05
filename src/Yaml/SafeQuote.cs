using System.Globalization;
using System.Text;

namespace Fleet.Yaml;

/// <summary>Values inside messages: shortened, and safe for a terminal or a log.</summary>
internal static class SafeQuote
{
    private const int Longest = 60;

    public static string Value(string value)
    {
        var text = new StringBuilder("'");
        foreach (var c in value.AsSpan(0, Math.Min(value.Length, Longest)))
        {
            if (char.IsControl(c)
                || char.IsSurrogate(c)
                || CharUnicodeInfo.GetUnicodeCategory(c)
                    is UnicodeCategory.Format
                        or UnicodeCategory.LineSeparator
                        or UnicodeCategory.ParagraphSeparator)
            {
                text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
            else
            {
                text.Append(c);
            }
        }

        return text.Append(value.Length > Longest ? "...'" : "'").ToString();
    }
}
