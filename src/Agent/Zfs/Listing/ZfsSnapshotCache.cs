namespace Fleet.Agent.Zfs.Listing;

/// <summary>
/// What was listed before, and whether it still holds: zfsprops(7), snapshots_changed. That property counts whole seconds, so a
/// list made in the same second as the last change, or with a clock that was set back, is not trusted. What does not touch it, a new
/// hold, another property, or what a snapshot takes up alone, is not seen here: whoever destroys lists again first, and a list is
/// kept for some hours only. One for the agent; thread-safe.
/// </summary>
internal sealed class ZfsSnapshotCache
{
    /// <summary>Changes that the property does not show are seen after this time.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromHours(6);

    /// <summary>One second for the property's resolution, one for the difference of two clock readings.</summary>
    private const int SettledSeconds = 2;

    /// <summary>Never a value of zfs: the list may be outdated, but can be brought up to date.</summary>
    private const long Unsettled = -1;

    private readonly Lock _gate = new();
    private readonly Dictionary<ZfsGuid, Known> _entries = [];
    private long _forgotten;
    private bool? _knowsSnapshotsChanged;

    /// <summary>Whether this release has snapshots_changed (2.2 or newer). Null until it was asked.</summary>
    public bool? KnowsSnapshotsChanged
    {
        get
        {
            lock (_gate)
            {
                return _knowsSnapshotsChanged;
            }
        }
    }

    /// <summary>Asks with snapshots_changed, or, where the release refuses it, without it from then on.</summary>
    /// <param name="ask">Asks with it, or without.</param>
    public async Task<ZfsError?> AskAsync(Func<bool, Task<ZfsError?>> ask)
    {
        var known = KnowsSnapshotsChanged;
        var error = await ask(known ?? true);
        if (known is null && error is { Kind: ZfsErrorKind.InvalidRequest })
        {
            Learn(false);
            return await ask(false);
        }

        if (known is null && error is null)
        {
            Learn(true);
        }

        return error;
    }

    /// <summary>To be taken before listing begins, for <see cref="Keep"/>.</summary>
    public long Ticket()
    {
        lock (_gate)
        {
            return _forgotten;
        }
    }

    /// <summary>Null if it must be listed again.</summary>
    public IReadOnlyList<ZfsSnapshot>? Find(ZfsChangeMark dataset, DateTimeOffset now)
    {
        lock (_gate)
        {
            return Usable(dataset, now) is { } entry && entry.Mark == dataset ? entry.Snapshots : null;
        }
    }

    /// <summary>The list from before, though it may have changed since. Null if it must be listed in full.</summary>
    public (IReadOnlyList<ZfsSnapshot> Snapshots, DateTimeOffset ListedAt)? FindOutdated(ZfsChangeMark dataset, DateTimeOffset now)
    {
        lock (_gate)
        {
            return Usable(dataset, now) is { } entry ? (entry.Snapshots, entry.ListedAt) : null;
        }
    }

    /// <param name="dataset">As it was before the list was made. One that is not known is not kept.</param>
    /// <param name="askedAt">When listing, or bringing up to date, began.</param>
    /// <param name="listedAt">When all of it was listed.</param>
    /// <param name="ticket">A dataset that was forgotten since this was taken is not kept.</param>
    public void Keep(
        ZfsChangeMark dataset, DateTimeOffset askedAt, DateTimeOffset listedAt, long ticket, IReadOnlyList<ZfsSnapshot> snapshots)
    {
        lock (_gate)
        {
            if (_knowsSnapshotsChanged is not true || !dataset.IsKnown || ticket != _forgotten)
            {
                _entries.Remove(dataset.Guid);
                return;
            }

            var settled = dataset.SnapshotsChangedSeconds is not { } changed || changed + SettledSeconds <= askedAt.ToUnixTimeSeconds();
            _entries[dataset.Guid] = new Known(
                settled ? dataset : dataset with { SnapshotsChangedSeconds = Unsettled }, listedAt, snapshots);
        }
    }

    /// <summary>
    /// A dataset and those below it must be listed again: something that snapshots_changed does not tell may have changed.
    /// </summary>
    public void Forget(string dataset)
    {
        lock (_gate)
        {
            _forgotten++;
            foreach (var (guid, _) in _entries.Where(e => ZfsNames.IsWithin(e.Value.Mark.Name, dataset)).ToList())
            {
                _entries.Remove(guid);
            }
        }
    }

    /// <summary>Forgets every dataset but these.</summary>
    public void Trim(IEnumerable<ZfsGuid> known)
    {
        var guids = known.ToHashSet();
        lock (_gate)
        {
            foreach (var gone in _entries.Keys.Where(g => !guids.Contains(g)).ToList())
            {
                _entries.Remove(gone);
            }
        }
    }

    /// <summary>Of the same dataset, and young enough. Under the lock.</summary>
    private Known? Usable(ZfsChangeMark dataset, DateTimeOffset now) =>
        _knowsSnapshotsChanged is true
        && dataset.IsKnown
        && _entries.TryGetValue(dataset.Guid, out var entry)
        && entry.Mark.Name == dataset.Name
        && entry.Mark.Origin == dataset.Origin
        && now >= entry.ListedAt
        && now - entry.ListedAt < MaxAge
            ? entry
            : null;

    private void Learn(bool knows)
    {
        lock (_gate)
        {
            _knowsSnapshotsChanged ??= knows;
        }
    }

    private sealed record Known(ZfsChangeMark Mark, DateTimeOffset ListedAt, IReadOnlyList<ZfsSnapshot> Snapshots);
}
