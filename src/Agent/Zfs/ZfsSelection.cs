using Fleet.Agent.Logging;

namespace Fleet.Agent.Zfs;

/// <summary>Which datasets an action means: names, what lies below them, and what is left out. Pure.</summary>
internal sealed record ZfsSelection(IReadOnlyList<string> Datasets, bool Recursive, IReadOnlyList<string> Excludes)
{
    /// <summary>Null if every dataset has a name that ZFS takes, and there is one.</summary>
    public string? Problem =>
        Datasets.Count == 0 ? "no dataset is named"
        : Datasets.FirstOrDefault(d => !ZfsNames.IsDataset(d)) is { } bad ? $"{LogText.Escape(bad)} is not a dataset name"
        : null;

    /// <summary>The dataset is meant.</summary>
    public bool Covers(string dataset) =>
        Datasets.Any(d => Recursive ? ZfsNames.IsWithin(dataset, d) : dataset == d) && !IsExcluded(dataset);

    /// <summary>A pattern fits the dataset or one that it lies in.</summary>
    public bool IsExcluded(string dataset) => Excludes.Any(pattern => IsExcluded(dataset, pattern));

    /// <summary>The pattern fits the dataset or one that it lies in.</summary>
    public static bool IsExcluded(string dataset, string pattern)
    {
        var names = dataset.Split('/');
        var patterns = pattern.Split('/');
        return patterns.Length <= names.Length && patterns.Index().All(p => Fits(names[p.Index], p.Item));
    }

    /// <summary>"*" stands for any characters. Linear: after a mismatch only the last "*" can take more.</summary>
    private static bool Fits(ReadOnlySpan<char> name, ReadOnlySpan<char> pattern)
    {
        int n = 0, p = 0, star = -1, resume = 0;
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (star, resume) = (p++, n);
            }
            else if (p < pattern.Length && pattern[p] == name[n])
            {
                (n, p) = (n + 1, p + 1);
            }
            else if (star >= 0)
            {
                (p, n) = (star + 1, ++resume);
            }
            else
            {
                return false;
            }
        }

        return pattern[p..].IndexOfAnyExcept('*') < 0;
    }
}
