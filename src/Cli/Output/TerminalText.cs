using System.Globalization;
using System.Text;
using Google.Protobuf;

namespace Fleet.Cli.Output;

/// <summary>
/// Makes text from hosts, tools and files safe for a terminal: control characters (escape sequences among them),
/// line breaks, invisible and direction-changing characters become visible escapes, so that nothing printed can move
/// the cursor, change colours, or look like another name.
/// </summary>
internal static class TerminalText
{
    /// <summary>Always a single line, whatever the text contains.</summary>
    public static string Safe(string text) => Escape(text, keepTabs: false);

    /// <summary>One line of a log: tabs are kept.</summary>
    public static string SafeLogLine(string text) => Escape(text, keepTabs: true);

    /// <summary>A Linux path: bytes that are not UTF-8 become <c>\xff</c>.</summary>
    public static string SafePath(ByteString path)
    {
        var text = new StringBuilder();
        var rest = path.Span;
        while (!rest.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(rest, out var rune, out var used) == System.Buffers.OperationStatus.Done)
            {
                Append(text, rune, keepTabs: false);
            }
            else
            {
                foreach (var b in rest[..used])
                {
                    text.Append(CultureInfo.InvariantCulture, $"\\x{b:x2}");
                }
            }

            rest = rest[used..];
        }

        return text.ToString();
    }

    private static string Escape(string text, bool keepTabs)
    {
        if (!text.Any(c => c is < ' ' or > '~'))
        {
            return text;
        }

        var safe = new StringBuilder(text.Length);
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(rest, out var rune, out var used) == System.Buffers.OperationStatus.Done)
            {
                Append(safe, rune, keepTabs);
            }
            else
            {
                safe.Append(CultureInfo.InvariantCulture, $"\\u{(int)rest[0]:x4}");
            }

            rest = rest[used..];
        }

        return safe.ToString();
    }

    private static void Append(StringBuilder text, Rune rune, bool keepTabs)
    {
        switch (rune.Value)
        {
            case '\n':
                text.Append("\\n");
                break;
            case '\r':
                text.Append("\\r");
                break;
            case '\t':
                text.Append(keepTabs ? "\t" : "\\t");
                break;
            case < 0x20 or (>= 0x7F and < 0xA0):
                text.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}");
                break;
            default:
                if (Rune.GetUnicodeCategory(rune)
                    is UnicodeCategory.Format
                        or UnicodeCategory.LineSeparator
                        or UnicodeCategory.ParagraphSeparator
                        or UnicodeCategory.PrivateUse
                        or UnicodeCategory.OtherNotAssigned)
                {
                    text.Append(rune.Value <= 0xFFFF
                        ? string.Create(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}")
                        : string.Create(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}"));
                }
                else
                {
                    text.Append(rune.ToString());
                }

                break;
        }
    }
}
