using Fleet.Coordinator.Limits;
using Fleet.Coordinator.State.Hosts;
using Fleet.Coordinator.State.Snapshots;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Snapshots;

/// <summary>
/// Takes the storage reports of one session: assembles their parts and brings the catalogue in line with them, a bounded number of
/// snapshots per commit.
/// </summary>
internal sealed partial class StorageIntake(FleetStore store, string hostId, HostBudgets budgets, TimeProvider clock, ILogger log)
{
    /// <summary>Most bytes of one report: 100,000 snapshots take 20 MiB. A larger one is ignored.</summary>
    private const long MaxBytes = 32L * 1024 * 1024;

    private const int SnapshotsPerCommit = 2_000;

    private StorageReport _collected = new();
    private long _bytes;

    /// <returns>The generation of the report that is now in the catalogue; 0 if its last part is still to come.</returns>
    public async Task<long> TakeAsync(StorageReport part, CancellationToken cancellationToken)
    {
        if (part.Generation != _collected.Generation)
        {
            (_collected, _bytes) = (new StorageReport(), 0);
        }

        var size = part.CalculateSize();
        _bytes += size;
        if (_bytes > MaxBytes || !await AllowedAsync(size, cancellationToken))
        {
            // The collected parts are dropped, and later ones are not kept either.
            _collected = new StorageReport { Generation = part.Generation };
            if (part.Last)
            {
                TooLarge(log, hostId, _bytes);
            }

            return 0;
        }

        MessageCaps.Report.Apply(part);
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

    private async ValueTask<bool> AllowedAsync(int size, CancellationToken cancellationToken)
    {
        var budget = budgets.Of(hostId);
        if (budget.TryReport(size))
        {
            return true;
        }

        if (budget.Exceeded(Budget.StorageReports))
        {
            await store.WriteInBackgroundAsync(
                transaction =>
                {
                    if (HostStore.FindById(transaction, hostId) is { RemovedAt: null } host)
                    {
                        HostBudgets.Tell(transaction, hostId, host.Name, Budget.StorageReports);
                    }

                    return true;
                },
                cancellationToken);
        }

        // The rest of this report is useless without this part.
        _bytes = MaxBytes + 1;
        return false;
    }

    private async Task CommitAsync(StorageReport report, CancellationToken cancellationToken)
    {
        if (report.Stock is not { } stock || SnapshotFacts.Instant(stock.At) is not { } at || stock.CalculateSize() > HostLimits.StockBytes)
        {
            return;
        }

        var present = PresentScopes.Of(stock);
        var lists = report.Lists
            .Where(list => list.Kind is SnapshotKind.Zfs or SnapshotKind.Lvm && list.Scope.Length > 0)
            .GroupBy(list => (list.Kind, list.Scope))
            .Select(group => (group.Key.Kind, group.Key.Scope, Snapshots: group.SelectMany(list => list.Snapshots).ToList()))
            .ToList();

        // In pieces: a list may have any length, a transaction may not.
        foreach (var some in InPieces(lists.Select(list => (list.Kind, list.Scope, (IReadOnlyList<StoredSnapshot>)list.Snapshots))))
        {
            await store.WriteAsync(
                transaction =>
                {
                    var room = HostLimits.SnapshotsPerHost - SnapshotStore.Count(transaction, hostId);
                    foreach (var (kind, scope, snapshots) in some)
                    {
                        StorageReconciler.Take(transaction, hostId, kind, scope, snapshots, at, present, ref room);
                    }
                },
                cancellationToken);
        }

        foreach (var list in lists)
        {
            var lacking = await store.ReadAsync(
                reader => StorageReconciler.Lacking(reader, hostId, list.Kind, list.Scope, list.Snapshots, at), cancellationToken);
            await SetMissingAsync(lacking, at, cancellationToken);
        }

        await SetMissingAsync(
            await store.ReadAsync(reader => StorageReconciler.OfGoneScopes(reader, hostId, at, present), cancellationToken),
            at,
            cancellationToken);
        await SettleAsync(cancellationToken);
        await store.WriteAsync(
            transaction =>
            {
                if (HostStore.FindById(transaction, hostId) is { RemovedAt: null })
                {
                    StorageStore.Put(transaction, hostId, stock);
                }
            },
            cancellationToken);
    }

    private async Task SetMissingAsync(List<long> lacking, DateTimeOffset at, CancellationToken cancellationToken)
    {
        foreach (var some in lacking.Chunk(SnapshotsPerCommit))
        {
            await store.WriteAsync(
                transaction => Array.ForEach(some, id => SnapshotStore.SetMissing(transaction, id, at)), cancellationToken);
        }
    }

    /// <summary>
    /// Done before the stock is stored: what a crash leaves unsettled is settled by the next report, with the same last look.
    /// </summary>
    private async Task SettleAsync(CancellationToken cancellationToken)
    {
        var (runs, lastLook) = await store.ReadAsync(
            reader =>
                (MissingSnapshots.Explanations(reader, hostId, clock.GetUtcNow()),
                    SnapshotFacts.Instant(StorageStore.Find(reader, hostId)?.Stock.At)),
            cancellationToken);
        for (long? after = 0; after is { } from;)
        {
            after = await store.WriteAsync(
                transaction => HostStore.FindById(transaction, hostId) is { RemovedAt: null } host
                    ? MissingSnapshots.Settle(transaction, host, runs, lastLook, from, SnapshotsPerCommit)
                    : null,
                cancellationToken);
        }
    }

    /// <summary>Combines lists, whole or in parts, up to the size of one transaction.</summary>
    private static IEnumerable<List<(SnapshotKind Kind, string Scope, IReadOnlyList<StoredSnapshot> Snapshots)>> InPieces(
        IEnumerable<(SnapshotKind Kind, string Scope, IReadOnlyList<StoredSnapshot> Snapshots)> lists)
    {
        var some = new List<(SnapshotKind Kind, string Scope, IReadOnlyList<StoredSnapshot> Snapshots)>();
        var count = 0;
        foreach (var (kind, scope, snapshots) in lists)
        {
            foreach (var part in snapshots.Chunk(SnapshotsPerCommit))
            {
                if (count > 0 && count + part.Length > SnapshotsPerCommit)
                {
                    yield return some;
                    (some, count) = ([], 0);
                }

                some.Add((kind, scope, part));
                count += part.Length + 1;
            }
        }

        if (count > 0)
        {
            yield return some;
        }
    }
}
