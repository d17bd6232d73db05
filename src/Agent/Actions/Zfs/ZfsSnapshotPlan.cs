using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions.Zfs;

/// <summary>Of which datasets of one pool a run makes snapshots, all at one instant. Pure.</summary>
/// <param name="Targets">Parents first.</param>
/// <param name="RecursiveRoots">
/// Not empty: these with everything below them are exactly the targets, and zfs takes what was made meanwhile along.
/// </param>
internal sealed record ZfsSnapshotPlan(string Pool, IReadOnlyList<ZfsTarget> Targets, IReadOnlyList<string> RecursiveRoots)
{
    /// <summary>One plan per pool, in the order of the pools' names.</summary>
    /// <param name="action">Checked by <see cref="Problem"/>.</param>
    /// <param name="found">Every dataset that the action's names stand for.</param>
    public static IReadOnlyList<ZfsSnapshotPlan> Create(ZfsSnapshotAction action, IEnumerable<ZfsTarget> found) =>
    [
        .. found
            .Where(t => !action.Excludes.Any(e => IsExcluded(t.Name, e)))
            .DistinctBy(t => t.Name)
            .OrderBy(t => t.Name, StringComparer.Ordinal)
            .GroupBy(t => t.Pool)
            .Select(g => new ZfsSnapshotPlan(g.Key, [.. g], action.Recursive && action.Excludes.Count == 0 ? Roots(action, g.Key) : [])),
    ];

    /// <summary>Null: the action can be carried out, as far as it can be told without looking.</summary>
    public static string? Problem(ZfsSnapshotAction action) =>
        action.Datasets.Count == 0 ? "no dataset is named"
        : action.Datasets.FirstOrDefault(d => !ZfsNames.IsDataset(d)) is { } bad ? $"{Tools.LogText.Escape(bad)} is no name of a dataset"
        : null;

    /// <summary>The pattern fits the dataset or one that it lies in.</summary>
    public static bool IsExcluded(string dataset, string pattern)
    {
        var names = dataset.Split('/');
        var patterns = pattern.Split('/');
        return patterns.Length <= names.Length && patterns.Index().All(p => Fits(names[p.Index], p.Item));
    }

    // A name below another one is in it already, and zfs refuses to be told twice.
    private static IReadOnlyList<string> Roots(ZfsSnapshotAction action, string pool) =>
    [
        .. action.Datasets.Distinct().Where(d => ZfsNames.PoolOf(d) == pool && !action.Datasets.Any(other => other != d && ZfsNames.IsWithin(d, other))),
    ];

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
