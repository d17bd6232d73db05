namespace Fleet.Agent.Actions.Zfs;

/// <summary>
/// What was listed before, and whether it still holds: zfsprops(7), snapshots_changed. That property counts whole seconds, so a
/// list made in the same second as the last change, or with a clock that was set back, is not kept. What does not touch it, a new
/// hold or another property, is not seen here: whoever destroys asks again (<see cref="ZfsCommands.Identity"/>).
/// </summary>
internal sealed class ZfsSnapshotCache
{
    /// <summary>One second for the property's resolution, one for the difference of two clock readings.</summary>
    private const int SettledSeconds = 2;

    private readonly Dictionary<ZfsGuid, Entry> _entries = [];

    /// <summary>Null: it must be listed again.</summary>
    public IReadOnlyList<ZfsSnapshot>? Find(ZfsDataset dataset) =>
        _entries.TryGetValue(dataset.Guid, out var entry)
        && entry.Name == dataset.Name
        && entry.ChangedSeconds == dataset.SnapshotsChangedSeconds
        && entry.Origin == dataset.Origin
            ? entry.Snapshots
            : null;

    /// <param name="dataset">As it was before the list was made.</param>
    /// <param name="listedAt">When listing began.</param>
    public void Keep(ZfsDataset dataset, DateTimeOffset listedAt, IReadOnlyList<ZfsSnapshot> snapshots)
    {
        if (dataset.SnapshotsChangedSeconds is { } changed && changed + SettledSeconds > listedAt.ToUnixTimeSeconds())
        {
            _entries.Remove(dataset.Guid);
            return;
        }

        _entries[dataset.Guid] = new Entry(dataset.Name, dataset.SnapshotsChangedSeconds, dataset.Origin, snapshots);
    }

    /// <summary>A dataset must be listed again: something that snapshots_changed does not tell may have changed.</summary>
    public void Forget(string dataset)
    {
        foreach (var (guid, _) in _entries.Where(e => e.Value.Name == dataset).ToList())
        {
            _entries.Remove(guid);
        }
    }

    /// <summary>Forgets every dataset but these.</summary>
    public void Trim(IEnumerable<ZfsDataset> known)
    {
        var guids = known.Select(d => d.Guid).ToHashSet();
        foreach (var gone in _entries.Keys.Where(g => !guids.Contains(g)).ToList())
        {
            _entries.Remove(gone);
        }
    }

    private sealed record Entry(string Name, long? ChangedSeconds, string? Origin, IReadOnlyList<ZfsSnapshot> Snapshots);
}
