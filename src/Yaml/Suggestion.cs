namespace Fleet.Yaml;

/// <summary>Which of the known words somebody probably meant.</summary>
public static class Suggestion
{
    private const int LongestWord = 64;

    /// <summary>Letters that are enough for the beginning of one word alone.</summary>
    private const int LeastBeginning = 3;

    /// <summary>The closest known word, when it is close enough to be meant. Null: none is.</summary>
    public static string? For(string word, IEnumerable<string> known)
    {
        ArgumentNullException.ThrowIfNull(word);
        ArgumentNullException.ThrowIfNull(known);
        if (word.Length is 0 or > LongestWord)
        {
            return null;
        }

        var written = Normalise(word);
        var all = known.ToList();
        var best = all
            .Select(k => (Word: k, Distance: Distance(written, Normalise(k))))
            .OrderBy(k => k.Distance)
            .FirstOrDefault();
        if (best.Word is not null && best.Distance <= Math.Max(1, written.Length / 3))
        {
            return best.Word;
        }

        // Abbreviated: "stat", "--dry".
        var longer =
            written.Length < LeastBeginning
                ? []
                : all.Where(k => Normalise(k).StartsWith(written, StringComparison.Ordinal)).Take(2).ToList();
        return longer is [var only] ? only : null;
    }

    // "bandwidthLimit" and "bandwidth-limit" are meant as "bandwidth_limit".
    private static string Normalise(string word) =>
        word.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();

    /// <summary>Levenshtein distance with swapped neighbours counting as one (optimal string alignment).</summary>
    private static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    rows[i, j] = i + j;
                    continue;
                }

                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                var value = Math.Min(Math.Min(rows[i - 1, j] + 1, rows[i, j - 1] + 1), rows[i - 1, j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    value = Math.Min(value, rows[i - 2, j - 2] + 1);
                }

                rows[i, j] = value;
            }
        }

        return rows[a.Length, b.Length];
    }
}
