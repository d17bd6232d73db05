using Fleet.Coordinator.Meters;
using Fleet.Coordinator.State.Hosts;
using Fleet.Coordinator.State.Policies;
using Fleet.Coordinator.State.Runs;
using Fleet.Coordinator.State.Snapshots;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Fleet.Schedules;

namespace Fleet.Coordinator.Limits;

/// <summary>
/// Keeps what a host leaves in the store within its budget. Within it, entries are taken unchanged. Beyond it, the end of a run that the
/// coordinator knows is still taken, without details; so is that of a run by the schedule of one of the host's policies, up to a number.
/// The rest is left out but acknowledged, or the host's outbox would stand still.
/// </summary>
internal sealed class DurableFilter(HostBudget budget)
{
    /// <summary>Bytes that rows, indexes and events use in addition to the entry itself.</summary>
    private const int Overhead = 4_096;

    /// <summary>Called before the entries of a transaction.</summary>
    public void Begin(StoreTransaction transaction, HostRow host) => budget.Resume(host, transaction.Now);

    /// <summary>Called after the entries of a transaction.</summary>
    public void Save(StoreTransaction transaction, HostRow host) => budget.Save(transaction, host.HostId);

    /// <summary>The entry, or a reduced one; null if it is left out.</summary>
    public OutboxEntry? Fit(StoreTransaction transaction, HostRow host, OutboxEntry entry)
    {
        // A result is stored with its run, with its attempt, and shortened with its event.
        var size = entry.CalculateSize() * (entry.KindCase == OutboxEntry.KindOneofCase.RunFinished ? 2 : 1);
        if (budget.TryDurable(size + Overhead))
        {
            return entry;
        }

        if (budget.Exceeded(Budget.Durable))
        {
            HostBudgets.Tell(transaction, host.HostId, host.Name, Budget.Durable);
        }

        var fitted = entry.KindCase switch
        {
            OutboxEntry.KindOneofCase.RunFinished when IsOurs(transaction, host, entry.RunFinished) => WithCore(entry),
            OutboxEntry.KindOneofCase.RunStarted
                when RunStore.Find(transaction, entry.RunStarted.RunId) is { State: RunState.Dispatched } run
                    && run.HostId == host.HostId => entry,
            _ => null,
        };
        (fitted is null ? CoordinatorMeter.EntriesLeftOut : CoordinatorMeter.EntriesCut).Add(1);
        return fitted;
    }

    private bool IsOurs(StoreTransaction transaction, HostRow host, RunFinished finished) =>
        RunStore.Find(transaction, finished.RunId) is { } known
            ? known.HostId == host.HostId
            : SnapshotFacts.Instant(finished.ScheduledAt) is { } instant
                && finished.RunId == ScheduledRunId.Derive(finished.Policy, host.HostId, instant)
                && ProtectionStore.Exists(transaction, finished.Policy, host.HostId)
                && budget.TrySpareRun();

    private static OutboxEntry WithCore(OutboxEntry entry)
    {
        var fitted = entry.Clone();
        fitted.RunFinished.Result = ResultCaps.Core(entry.RunFinished.Result ?? new ActionResult());
        return fitted;
    }
}
