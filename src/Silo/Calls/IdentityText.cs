using System.Text;

namespace Orleans.Runtime;

/// <summary>Identities as they may appear in logs: keys can come from outside, and must not break a line or a terminal.</summary>
internal static class IdentityText
{
    private const int MaxLength = 200;

    public static string ForLog(this GrainId grainId)
    {
        var text = grainId.ToString();
        if (text.Length <= MaxLength && !text.Any(char.IsControl))
        {
            return text;
        }

        var safe = new StringBuilder();
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, MaxLength)))
        {
            if (char.IsControl(c))
            {
                safe.Append("\\u").Append(((int)c).ToString("X4", System.Globalization.CultureInfo.InvariantCulture));
            }
            else
            {
                safe.Append(c);
            }
        }

        return safe.Append(text.Length > MaxLength ? "…" : string.Empty).ToString();
    }
}
