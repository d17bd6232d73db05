using Fleet.Agent.Zfs;

namespace Fleet.Agent.Actions.Zfs;

/// <summary>Of which datasets of one pool a run makes snapshots, all at one instant. Pure.</summary>
/// <param name="Targets">Parents first.</param>
/// <param name="RecursiveRoots">
/// Not empty: these with everything below them are exactly the targets, and zfs takes along what was made since.
/// </param>
internal sealed record ZfsSnapshotPlan(string Pool, IReadOnlyList<ZfsTarget> Targets, IReadOnlyList<string> RecursiveRoots)
{
    /// <summary>One plan per pool, in the order of the pools' names.</summary>
    /// <param name="selection">Without a problem.</param>
    /// <param name="found">Every dataset that its names stand for.</param>
    public static IReadOnlyList<ZfsSnapshotPlan> Create(ZfsSelection selection, IEnumerable<ZfsTarget> found) =>
    [
        .. found
            .Where(t => !selection.IsExcluded(t.Name))
            .DistinctBy(t => t.Name)
            .OrderBy(t => t.Name, StringComparer.Ordinal)
            .GroupBy(t => t.Pool)
            .Select(g => new ZfsSnapshotPlan(
                g.Key, [.. g], selection.Recursive && selection.Excludes.Count == 0 ? Roots(selection, g.Key) : [])),
    ];

    // A name below another one is in it already, and zfs refuses to be given it twice.
    private static IReadOnlyList<string> Roots(ZfsSelection selection, string pool) =>
    [
        .. selection.Datasets.Distinct().Where(d => ZfsNames.PoolOf(d) == pool
            && !selection.Datasets.Any(other => other != d && ZfsNames.IsWithin(d, other))),
    ];
}
