namespace Fleet.Agent.Actions.Zfs;

/// <summary>The snapshots of datasets of one pool, listed again only where they changed.</summary>
/// <param name="timeout">For one call.</param>
internal sealed class ZfsSnapshotLister(ZfsQuery query, ZfsSnapshotCache cache, TimeProvider time, TimeSpan timeout)
{
    private readonly Dictionary<string, IReadOnlyList<ZfsSnapshot>> _snapshots = [];
    private readonly HashSet<string> _remembered = [];
    private readonly List<string> _problems = [];

    /// <summary>By dataset, oldest first. A dataset that is missing could not be listed in full, or is gone.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<ZfsSnapshot>> Snapshots => _snapshots;

    /// <summary>Datasets whose list is one from before.</summary>
    public IReadOnlySet<string> Remembered => _remembered;

    /// <summary>Sentences for a person. Safe to show.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <param name="again">List also what has not changed.</param>
    public async Task ListAsync(string pool, IEnumerable<ZfsChangeMark> datasets, bool again, CancellationToken cancellationToken)
    {
        var listedAt = time.GetUtcNow();
        var ticket = cache.Ticket();
        List<ZfsChangeMark> changed = [];
        foreach (var dataset in datasets)
        {
            if (!again && cache.Find(dataset, listedAt) is { } known)
            {
                _snapshots[dataset.Name] = known;
                _remembered.Add(dataset.Name);
            }
            else
            {
                changed.Add(dataset);
                _snapshots.Remove(dataset.Name);
                _remembered.Remove(dataset.Name);
            }
        }

        var reader = new ZfsSnapshotReader(query, timeout);
        await reader.ReadAsync(pool, changed.Select(d => d.Name), cancellationToken);
        _problems.AddRange(reader.Problems);
        foreach (var dataset in changed)
        {
            if (reader.Snapshots.TryGetValue(dataset.Name, out var found))
            {
                _snapshots[dataset.Name] = found;
                if (cache.KnowsSnapshotsChanged is true)
                {
                    cache.Keep(dataset, listedAt, ticket, found);
                }
            }
        }
    }
}
