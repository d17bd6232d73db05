using Fleet.Coordinator.Hosts;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Snapshots;

/// <summary>
/// Takes the storage reports of one session: puts their parts together and brings the catalogue in line with them, a bounded number of
/// snapshots in each commit.
/// </summary>
internal sealed partial class StorageIntake(SqliteStore store, string hostId, ILogger log)
{
    /// <summary>Of one report: 100,000 snapshots take up 20 MiB. A larger one is left out.</summary>
    private const long MaxBytes = 32L * 1024 * 1024;

    private const int SnapshotsPerCommit = 2_000;

    private StorageReport _collected = new();
    private long _bytes;

    /// <returns>The generation of the report that is in the catalogue now; 0: its last part is still to come.</returns>
    public async Task<long> TakeAsync(StorageReport part, CancellationToken cancellationToken)
    {
        if (part.Generation != _collected.Generation)
        {
            (_collected, _bytes) = (new StorageReport(), 0);
        }

        _bytes += part.CalculateSize();
        if (_bytes > MaxBytes)
        {
            // What was collected is let go, and what is still to come is not kept either.
            _collected = new StorageReport { Generation = part.Generation };
            if (part.Last)
            {
                TooLarge(log, hostId, _bytes);
            }

            return 0;
        }

        _collected.MergeFrom(part);
        if (!part.Last)
        {
            return 0;
        }

        var report = _collected;
        (_collected, _bytes) = (new StorageReport(), 0);
        await CommitAsync(report, cancellationToken);
        return report.Generation;
    }

    private async Task CommitAsync(StorageReport report, CancellationToken cancellationToken)
    {
        if (report.Stock is not { } stock || SnapshotFacts.Instant(stock.At) is not { } at)
        {
            return;
        }

        var present = PresentScopes.Of(stock);
        var lists = report.Lists
            .Where(list => list.Kind is SnapshotKind.Zfs or SnapshotKind.Lvm && list.Scope.Length > 0)
            .GroupBy(list => (list.Kind, list.Scope))
            .Select(group => (group.Key.Kind, group.Key.Scope, Snapshots: group.SelectMany(list => list.Snapshots).ToList()))
            .ToList();
        for (var next = 0; next < lists.Count;)
        {
            var from = next;
            for (var count = 0; next < lists.Count && (next == from || count + lists[next].Snapshots.Count <= SnapshotsPerCommit); next++)
            {
                count += lists[next].Snapshots.Count + 1;
            }

            var some = lists[from..next];
            await store.WriteAsync(
                transaction => some.ForEach(list => StorageReconciler.Apply(transaction, hostId, list.Kind, list.Scope, list.Snapshots, at, present)), cancellationToken);
        }

        await store.WriteAsync(
            transaction =>
            {
                if (HostStore.FindById(transaction, hostId) is { RemovedAt: null } host)
                {
                    var lastLook = SnapshotFacts.Instant(StorageStore.Find(transaction, hostId)?.Stock.At);
                    StorageStore.Put(transaction, hostId, stock);
                    StorageReconciler.ApplyScopes(transaction, hostId, at, present);
                    MissingSnapshots.Settle(transaction, host, lastLook);
                }
            },
            cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The storage report of host {HostId} was left out: {Bytes} bytes are more than one may have")]
    private static partial void TooLarge(ILogger logger, string hostId, long bytes);
}
