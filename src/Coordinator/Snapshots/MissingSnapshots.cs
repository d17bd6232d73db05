using Fleet.Coordinator.Hosts;
using Fleet.Coordinator.Runs;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Snapshots;

/// <summary>Settles why snapshots are missing: a run that says so has taken them off the list already, and what is left is looked at here.</summary>
internal static class MissingSnapshots
{
    private const int MaxRuns = 200;
    private static readonly TimeSpan LookBack = TimeSpan.FromDays(1);

    /// <summary>Once a report is in. What no run explains becomes one event.</summary>
    /// <param name="lastLook">When the host looked the time before, by its own clock: a run that ended before it explains nothing. Null: it never did.</param>
    public static void Settle(StoreTransaction transaction, HostRow host, DateTimeOffset? lastLook)
    {
        var missing = SnapshotStore.Missing(transaction, host.HostId);
        if (missing.Count == 0)
        {
            return;
        }

        var runs = transaction.Query(
            RunStore.Select + " WHERE r.host_id = $host AND (r.state IN (1, 2, 3) OR r.finished_at >= $since) ORDER BY r.scheduled_at DESC LIMIT $limit",
            RunStore.Read,
            ("$host", host.HostId),
            ("$since", (transaction.Now - LookBack).ToColumn()),
            ("$limit", MaxRuns));
        List<SnapshotRow> vanished = [];
        foreach (var row in missing)
        {
            if (runs.Exists(run => RunStates.IsActive(run.State) && MayDestroy(run.Action, row)))
            {
                // It is at work: its result will tell, and if not, the report after it.
                continue;
            }

            // A merge that waits for the next activation uses its snapshot up long after its run.
            var by = runs.Find(run => run.Attempt > 0 && (run.Result?.LvmRestore is { Pending: true } || !(run.FinishedAt < lastLook)) && MayDestroy(run.Action, row) && !TellsAll(run.Result));
            SnapshotStore.SetGone(transaction, row.Id, by?.RunId ?? "", row.EvidenceAt);
            if (by is null)
            {
                vanished.Add(row);
            }
        }

        if (vanished.Count > 0)
        {
            SnapshotEvents.Vanished(transaction, host, vanished);
        }
    }

    private static bool MayDestroy(Protocol.V1.Action action, SnapshotRow row) => !action.IsDryRun && action.KindCase switch
    {
        Protocol.V1.Action.KindOneofCase.ZfsPrune => row.Kind == SnapshotKind.Zfs && row.IsOwnedBy(action.ZfsPrune.SnapshotsOf),
        Protocol.V1.Action.KindOneofCase.LvmPrune => row.Kind == SnapshotKind.Lvm && row.IsOwnedBy(action.LvmPrune.SnapshotsOf),
        Protocol.V1.Action.KindOneofCase.ZfsRollback => row.Kind == SnapshotKind.Zfs
            && action.ZfsRollback.Destroy.Any(named => named.Guid.ToString(System.Globalization.CultureInfo.InvariantCulture) == row.Identity),
        Protocol.V1.Action.KindOneofCase.LvmRestore => row.Kind == SnapshotKind.Lvm && row.Identity == action.LvmRestore.Uuid,
        _ => false,
    };

    /// <summary>The result names everything that was destroyed: it was not cut off, and its list is whole.</summary>
    private static bool TellsAll(ActionResult? result) => result switch
    {
        { ZfsPrune: { } zfs } => zfs.DestroyedTotal <= zfs.Destroyed.Count,
        { ZfsRollback: not null } => true,
        { LvmPrune: { } lvm } => lvm.DestroyedTotal <= lvm.Destroyed.Count,
        _ => result is { Outcome: ActionOutcome.Refused or ActionOutcome.Skipped },
    };
}
