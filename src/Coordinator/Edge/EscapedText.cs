using System.Globalization;
using System.Text;

namespace Fleet.Coordinator.Edge;

/// <summary>Makes what strangers send safe to keep and to show.</summary>
internal static class EscapedText
{
    /// <summary>
    /// Control characters, separators of lines and direction overrides become \uXXXX, a backslash becomes two, lone surrogates
    /// U+FFFD; what is longer than a number of characters is cut and ends with "…".
    /// </summary>
    public static string Escape(string text, int maxChars)
    {
        var builder = new StringBuilder(Math.Min(text.Length, maxChars));
        foreach (var rune in text.EnumerateRunes())
        {
            if (builder.Length >= maxChars)
            {
                return builder.Append('…').ToString();
            }

            if (rune.Value == '\\')
            {
                builder.Append("\\\\");
            }
            else if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            {
                builder.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            }
            else
            {
                builder.Append(rune.ToString());
            }
        }

        return builder.ToString();
    }
}
