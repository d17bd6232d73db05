using System.Globalization;
using Fleet.Actions;
using Fleet.Coordinator.State.Runs;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Snapshots;

/// <summary>Records in the catalogue what a run made and destroyed, in the transaction of its result.</summary>
internal static class RunSnapshots
{
    /// <param name="result">The result of an attempt whose end was not known before.</param>
    public static void Take(StoreTransaction transaction, RunRow run, ActionResult result)
    {
        if (run.Action.IsDryRun)
        {
            return;
        }

        // The tables hold whole milliseconds: what was seen in the middle of the last one is older.
        var evidence = (SnapshotFacts.Instant(result.FinishedAt) ?? transaction.Now) + TimeSpan.FromMilliseconds(1);
        Made(transaction, run, Rows(run, result, evidence), result);
        Destroyed(transaction, run, result, evidence);
    }

    private static List<SnapshotRow> Rows(RunRow run, ActionResult result, DateTimeOffset evidence)
    {
        List<SnapshotRow> rows =
        [
            .. result.ZfsSnapshot?.Snapshots.Select(info => SnapshotFacts.Of(run, info, evidence)).OfType<SnapshotRow>() ?? [],
            .. result.LvmSnapshot?.Snapshots.Select(info => SnapshotFacts.Of(run, info, evidence)).OfType<SnapshotRow>() ?? [],
        ];
        if (result.LvmRestore?.Safety is { Uuid.Length: > 0 } safety && SnapshotFacts.Of(run, safety, evidence) is { } kept)
        {
            rows.Add(kept);
        }

        if (result.Rsync is { VersionPath.Length: > 0 } rsync)
        {
            rows.Add(SnapshotFacts.Of(run, rsync.VersionPath, rsync.TotalBytes, evidence));
        }

        return rows;
    }

    private static void Made(StoreTransaction transaction, RunRow run, List<SnapshotRow> rows, ActionResult result)
    {
        // A further attempt also names what an earlier one made and reported.
        var news = rows.Where(row => run.Attempt <= 1 || !SnapshotStore.IsThere(transaction, row)).ToList();
        rows.ForEach(row => SnapshotStore.Put(transaction, row));
        if (news.Count > 0)
        {
            var total = Math.Max(rows.Count, result.ZfsSnapshot?.SnapshotsTotal ?? 0) - (rows.Count - news.Count);
            SnapshotEvents.Created(transaction, run, total, [.. news.Select(row => row.Name)]);
        }
    }

    private static void Destroyed(StoreTransaction transaction, RunRow run, ActionResult result, DateTimeOffset evidence)
    {
        List<(SnapshotKind Kind, string Scope, string Identity, string Name)> gone =
        [
            .. result.ZfsPrune?.Destroyed.Select(info =>
                (SnapshotKind.Zfs, info.Name.Split('@')[0], info.Guid.ToString(CultureInfo.InvariantCulture), info.Name)) ?? [],
            .. result.ZfsRollback?.Destroyed.Select(info =>
                (SnapshotKind.Zfs, info.Name.Split('@')[0], info.Guid.ToString(CultureInfo.InvariantCulture), info.Name)) ?? [],
            .. result.LvmPrune?.Destroyed.Select(info => (SnapshotKind.Lvm, info.Name.Split('/')[0], info.Uuid, info.Name)) ?? [],
            // Merged: the volume now has its content.
            .. result is { Outcome: ActionOutcome.Succeeded, LvmRestore: { Pending: false, Snapshot: { } merged } }
                ? [(SnapshotKind.Lvm, merged.Name.Split('/')[0], merged.Uuid, merged.Name)]
                : Array.Empty<(SnapshotKind, string, string, string)>(),
            .. result
                .Rsync?.RemovedVersionPaths.Select(path => SnapshotFacts.Of(run, path, 0, evidence))
                .Select(row => (row.Kind, row.Scope, row.Identity, row.Name))
                ?? [],
        ];
        if (gone.Count == 0)
        {
            return;
        }

        foreach (var scope in gone.GroupBy(item => (item.Kind, item.Scope)))
        {
            var rows = SnapshotStore.OfScope(transaction, run.HostId, scope.Key.Kind, scope.Key.Scope).ToDictionary(row => row.Identity);
            foreach (var item in scope)
            {
                if (rows.TryGetValue(item.Identity, out var row))
                {
                    SnapshotStore.SetGone(transaction, row.Id, run.RunId, evidence);
                }
            }
        }

        SnapshotEvents.Destroyed(
            transaction,
            run,
            Math.Max(gone.Count, Math.Max(result.ZfsPrune?.DestroyedTotal ?? 0, result.LvmPrune?.DestroyedTotal ?? 0)),
            [.. gone.Select(item => item.Name)]);
    }
}
