namespace Fleet.Schedules.Overlap;

/// <summary>
/// What a pattern of rsync's --include or --exclude means for a folder: rsync(1), "PATTERN MATCHING RULES". In doubt it does not match, so
/// that nobody relies on an exclude that rsync reads in another way.
/// </summary>
public static class FilterPattern
{
    private const int MaxPattern = 256;
    private const int MaxText = 1_024;

    /// <param name="pattern">As in the option.</param>
    /// <param name="folder">Relative to the root of the transfer, without slashes at its ends.</param>
    public static bool MatchesFolder(string pattern, string folder)
    {
        if (pattern.Length == 0
            || pattern[0] is '!' or ';' or '#'
            || pattern.StartsWith("+ ", StringComparison.Ordinal)
            || pattern.StartsWith("- ", StringComparison.Ordinal))
        {
            return false;
        }

        // "x/***" is x and everything in it; for a folder that is reached from above the folder itself decides.
        var text = pattern.EndsWith("/***", StringComparison.Ordinal) ? pattern[..^4] : pattern.EndsWith('/') ? pattern[..^1] : pattern;
        var anchored = text.StartsWith('/');
        text = anchored ? text[1..] : text;
        if (text.Length == 0)
        {
            return false;
        }

        if (anchored)
        {
            return Matches(text, folder);
        }

        if (!text.Contains('/') && !text.Contains("**", StringComparison.Ordinal))
        {
            return Matches(text, folder.AsSpan(folder.LastIndexOf('/') + 1));
        }

        // Not anchored, with a slash: it matches the end of the path.
        for (var start = 0; ; start = folder.IndexOf('/', start) + 1)
        {
            if (Matches(text, folder.AsSpan(start)))
            {
                return true;
            }

            if (folder.IndexOf('/', start) < 0)
            {
                return false;
            }
        }
    }

    private static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        // A backslash escapes only where there is a wildcard.
        if (pattern.IndexOfAny('*', '?', '[') < 0)
        {
            return pattern.SequenceEqual(text);
        }

        return pattern.Length <= MaxPattern && text.Length <= MaxText && Wild(pattern, text);
    }

    /// <summary>All positions at once, so that no pattern takes longer than pattern times text.</summary>
    private static bool Wild(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        // here[i]: what was read of the pattern so far matches the first i characters.
        Span<bool> here = stackalloc bool[text.Length + 1];
        here[0] = true;
        for (var p = 0; p < pattern.Length; p++)
        {
            if (pattern[p] == '[')
            {
                // Classes have corners of their own: what needs one is not relied on.
                return false;
            }

            if (pattern[p] == '*')
            {
                var deep = p + 1 < pattern.Length && pattern[p + 1] == '*';
                while (p + 1 < pattern.Length && pattern[p + 1] == '*')
                {
                    p++;
                }

                for (var i = 1; i <= text.Length; i++)
                {
                    here[i] |= here[i - 1] && (deep || text[i - 1] != '/');
                }

                continue;
            }

            var any = pattern[p] == '?';
            p += pattern[p] == '\\' && p + 1 < pattern.Length ? 1 : 0;
            for (var i = text.Length; i >= 1; i--)
            {
                here[i] = here[i - 1] && (any ? text[i - 1] != '/' : text[i - 1] == pattern[p]);
            }

            here[0] = false;
        }

        return here[^1];
    }
}
