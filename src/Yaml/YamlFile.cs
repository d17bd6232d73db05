using System.Text;

namespace Fleet.Yaml;

/// <summary>
/// Reads YAML 1.2 as configuration needs it: mappings with unique text keys, lists and scalars. Anchors, aliases and
/// tags other than <c>!!str</c> and <c>!!binary</c> are refused, so that what a person reads is what is meant and no
/// short text can stand for a huge one. Nothing is thrown for what a file says: everything wrong becomes a problem.
/// </summary>
public static class YamlFile
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads the documents of a text. After a syntax error the list is empty and the problem says where.</summary>
    /// <returns>One mapping per document that holds anything; documents of comments alone are left out.</returns>
    public static IReadOnlyList<YamlMapping> Parse(string text, string fileName, YamlProblems problems)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(fileName);
        ArgumentNullException.ThrowIfNull(problems);
        if (text.Length > YamlLimits.TextLength)
        {
            problems.Add(fileName, 0, 0, "", $"is larger than {SizeText.Format(YamlLimits.TextLength)}");
            return [];
        }

        if (text.StartsWith('\uFEFF'))
        {
            text = text[1..];
        }

        if (FindControlCharacter(text) is var at and >= 0)
        {
            var (line, column) = TextPosition.Of(text, at);
            problems.Add(fileName, line, column, "",
                $"holds the control character U+{(int)text[at]:X4}, which YAML does not allow: write it as an escape in double "
                + $"quotes, for example \"\\x{(int)text[at]:x2}\"");
            return [];
        }

        return new YamlReader(text, fileName, problems).ReadAll();
    }

    /// <summary>Reads the documents of a file's bytes, which must be UTF-8, with or without a byte order mark.</summary>
    public static IReadOnlyList<YamlMapping> Parse(ReadOnlySpan<byte> utf8, string fileName, YamlProblems problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        if (utf8.Length >= 2 && ((utf8[0] == 0xFE && utf8[1] == 0xFF) || (utf8[0] == 0xFF && utf8[1] == 0xFE)))
        {
            problems.Add(fileName, 1, 1, "", "is UTF-16: save it as UTF-8");
            return [];
        }

        try
        {
            return Parse(Strict.GetString(utf8), fileName, problems);
        }
        catch (DecoderFallbackException e)
        {
            var (line, column) = TextPosition.Of(utf8, Math.Max(0, e.Index));
            problems.Add(
                fileName,
                line,
                column,
                "",
                "is not UTF-8 here: save the file as UTF-8, and write a path that is not UTF-8 as !!binary with base64");
            return [];
        }
    }

    private static int FindControlCharacter(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsControl(c) && c is not ('\t' or '\n' or '\r' or '\u0085'))
            {
                return i;
            }
        }

        return -1;
    }
}
