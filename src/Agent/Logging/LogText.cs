using System.Text;

namespace Fleet.Agent.Logging;

/// <summary>Makes text from outside (paths, tool output, messages of peers) safe for logs and terminals.</summary>
internal static class LogText
{
    private const int MaxCharacters = 1024;

    /// <summary>Control characters and line separators become \xNN or \uNNNN; longer text is cut at 1,024 characters.</summary>
    public static string Escape(string text)
    {
        var cut = text.Length > MaxCharacters;
        var end = cut ? MaxCharacters : text.Length;
        if (!cut && !text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            return text;
        }

        var builder = new StringBuilder(end + 16);
        for (var i = 0; i < end; i++)
        {
            var c = text[i];
            if (c < ' ' || c == '\x7f')
            {
                builder.Append("\\x").Append(((int)c).ToString("x2"));
            }
            else if (char.IsControl(c) || char.GetUnicodeCategory(c) is
                System.Globalization.UnicodeCategory.Format
                or System.Globalization.UnicodeCategory.LineSeparator
                or System.Globalization.UnicodeCategory.ParagraphSeparator)
            {
                builder.Append("\\u").Append(((int)c).ToString("x4"));
            }
            else
            {
                builder.Append(c);
            }
        }

        return cut ? builder.Append("...").ToString() : builder.ToString();
    }

    /// <summary>The same for bytes that need not be UTF-8: bytes that are not become \xNN.</summary>
    public static string Escape(ReadOnlySpan<byte> bytes)
    {
        var builder = new StringBuilder(bytes.Length);
        while (!bytes.IsEmpty && builder.Length < MaxCharacters)
        {
            var status = Rune.DecodeFromUtf8(bytes, out var rune, out var consumed);
            if (status == System.Buffers.OperationStatus.Done)
            {
                builder.Append(Escape(rune.ToString()));
            }
            else
            {
                foreach (var b in bytes[..consumed])
                {
                    builder.Append("\\x").Append(b.ToString("x2"));
                }
            }

            bytes = bytes[consumed..];
        }

        return bytes.IsEmpty ? builder.ToString() : builder.Append("...").ToString();
    }
}
