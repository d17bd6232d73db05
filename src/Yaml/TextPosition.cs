namespace Fleet.Yaml;

/// <summary>Line and column, both from 1, of an offset.</summary>
internal static class TextPosition
{
    public static (int Line, int Column) Of(ReadOnlySpan<char> text, int offset)
    {
        var before = text[..Math.Min(offset, text.Length)];
        return (before.Count('\n') + 1, before.Length - before.LastIndexOf('\n'));
    }

    public static (int Line, int Column) Of(ReadOnlySpan<byte> text, int offset)
    {
        var before = text[..Math.Min(offset, text.Length)];
        return (before.Count((byte)'\n') + 1, before.Length - before.LastIndexOf((byte)'\n'));
    }

    /// <summary>The first line, from 1, whose indentation has a tab, and the tab's column. (0, 0): none.</summary>
    public static (int Line, int Column) OfTabInIndentation(string text)
    {
        var line = 0;
        foreach (var content in text.AsSpan().EnumerateLines())
        {
            line++;
            var indentation = content[..(content.Length - content.TrimStart(" \t").Length)];
            if (indentation.Length < content.Length && content[indentation.Length] != '#' && indentation.IndexOf('\t') is var tab and >= 0)
            {
                return (line, tab + 1);
            }
        }

        return (0, 0);
    }
}
