namespace Fleet.Agent.Zfs.Listing;

/// <summary>
/// The snapshots of datasets of one pool. What has not changed is remembered, what has changed a little is brought up to date, and the rest
/// is listed.
/// </summary>
/// <param name="timeout">For one call.</param>
internal sealed class ZfsSnapshotLister(ZfsQuery query, ZfsSnapshotCache cache, TimeProvider time, TimeSpan timeout)
{
    private readonly Dictionary<string, IReadOnlyList<ZfsSnapshot>> _snapshots = [];
    private readonly HashSet<string> _listed = [];
    private readonly List<string> _problems = [];

    /// <summary>By dataset, oldest first. A dataset that is missing could not be listed in full, or is gone.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<ZfsSnapshot>> Snapshots => _snapshots;

    /// <summary>Datasets of which every snapshot was listed now: nothing in it is from before.</summary>
    public IReadOnlySet<string> Listed => _listed;

    /// <summary>Sentences for people. Safe to show.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Lists what may have changed.</summary>
    public async Task ListAsync(string pool, IEnumerable<ZfsChangeMark> datasets, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var ticket = cache.Ticket();
        List<ZfsChangeMark> unknown = [];
        Dictionary<string, (ZfsChangeMark Mark, IReadOnlyList<ZfsSnapshot> Snapshots, DateTimeOffset ListedAt)> outdated = [];
        foreach (var dataset in datasets)
        {
            if (cache.Find(dataset, now) is { } known)
            {
                _snapshots[dataset.Name] = known;
            }
            else if (cache.FindOutdated(dataset, now) is { } before)
            {
                outdated[dataset.Name] = (dataset, before.Snapshots, before.ListedAt);
            }
            else
            {
                unknown.Add(dataset);
            }
        }

        var updated = outdated.Count == 0
            ? []
            : await new ZfsSnapshotUpdate(query, ZfsSnapshotFolders.Read(), timeout).ReadAsync(
                pool, outdated.ToDictionary(o => o.Key, o => o.Value.Snapshots), cancellationToken);
        foreach (var (name, dataset) in outdated)
        {
            if (updated.TryGetValue(name, out var found))
            {
                _snapshots[name] = found;
                cache.Keep(dataset.Mark, now, dataset.ListedAt, ticket, found);
            }
            else
            {
                unknown.Add(dataset.Mark);
            }
        }

        await ListAllAsync(pool, unknown, cancellationToken);
    }

    /// <summary>Lists everything of these, whatever is remembered.</summary>
    public async Task ListAllAsync(string pool, IReadOnlyCollection<ZfsChangeMark> datasets, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var ticket = cache.Ticket();
        var reader = new ZfsSnapshotReader(query, timeout);
        await reader.ReadAsync(pool, datasets.Select(d => d.Name), cancellationToken);
        _problems.AddRange(reader.Problems);
        foreach (var dataset in datasets)
        {
            _listed.Add(dataset.Name);
            if (reader.Snapshots.TryGetValue(dataset.Name, out var found))
            {
                _snapshots[dataset.Name] = found;
                cache.Keep(dataset, now, now, ticket, found);
            }
            else
            {
                _snapshots.Remove(dataset.Name);
            }
        }
    }
}
