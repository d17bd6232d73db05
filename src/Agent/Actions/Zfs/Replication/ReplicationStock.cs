using Fleet.Agent.Zfs;

namespace Fleet.Agent.Actions.Zfs.Replication;

/// <summary>What one side has of a dataset.</summary>
/// <param name="Dataset">Null if it does not exist.</param>
/// <param name="Snapshots">Oldest first.</param>
/// <param name="Bookmarks">Oldest first.</param>
/// <param name="Held">Full names of the snapshots that carry this replication's tag.</param>
internal sealed record ReplicationStock(
    string Name, ZfsDataset? Dataset, IReadOnlyList<ZfsSnapshot> Snapshots, IReadOnlyList<ZfsBookmark> Bookmarks, IReadOnlySet<string> Held)
{
    /// <summary>Reads what a side has of some datasets, with as few calls as for one.</summary>
    /// <param name="datasets">Those that exist.</param>
    /// <param name="withBookmarks">Only the source's are of use.</param>
    public static async Task<(IReadOnlyDictionary<string, ReplicationStock> Stock, ZfsError? Error)> ReadAsync(
        ReplicationSide side, IReadOnlyList<ZfsDataset> datasets, string tag, bool withBookmarks, CancellationToken cancellationToken)
    {
        Dictionary<string, ReplicationStock> stock = [];
        IReadOnlyList<string> names = [.. datasets.Select(d => d.Name)];
        var (snapshots, problem) = await side.SnapshotsAsync(names, cancellationToken);
        if (problem is not null)
        {
            return (stock, new ZfsError(ZfsErrorKind.Unknown, problem, []));
        }

        var (bookmarks, error) = withBookmarks
            ? await side.BookmarksAsync(names, cancellationToken)
            : (Array.Empty<ZfsBookmark>().ToLookup(b => b.Dataset), null);
        if (error is not null)
        {
            return (stock, error);
        }

        (var held, error) = await side.HeldAsync(tag, snapshots.Values.SelectMany(s => s), cancellationToken);
        foreach (var dataset in datasets)
        {
            // One that is not in the list is gone since.
            if (snapshots.TryGetValue(dataset.Name, out var own))
            {
                stock[dataset.Name] = new ReplicationStock(dataset.Name, dataset, own, [.. bookmarks[dataset.Name]], held);
            }
        }

        return (stock, error);
    }

    /// <summary>
    /// The newest snapshot that is known to have arrived at the other side: its bookmark is made only then. Null if none is.
    /// </summary>
    public ZfsSnapshot? Arrived(ReplicationNames names) =>
        Snapshots.LastOrDefault(s => Bookmarks.Any(b => b.Guid == s.Guid && names.IsOwn(b)));

    /// <summary>Its own snapshots that this replication holds: the one above, and one that was being sent.</summary>
    public IReadOnlyList<ZfsSnapshot> OwnHeld => [.. Snapshots.Where(s => Held.Contains(s.FullName))];
}
