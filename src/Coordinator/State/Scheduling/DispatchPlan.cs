using Fleet.Coordinator.State.Policies;
using Fleet.Coordinator.State.Runs;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Scheduling;

/// <summary>
/// Decides which runs are sent to a connected host now. The agent has a concurrency limit of its own and keeps runs in order.
/// </summary>
internal static class DispatchPlan
{
    private const int MaxRuns = 100;

    /// <summary>Marks the runs to send as dispatched, in this transaction: after a crash, they are sent again.</summary>
    /// <param name="now">The time by which runs expire: the trusted time, not the wall clock.</param>
    /// <returns>Runs to send, and the policies whose newest missed instant should be looked at again.</returns>
    public static (List<RunRow> Send, List<string> CatchUp) Take(StoreTransaction transaction, string hostId, DateTimeOffset now)
    {
        var send = new List<RunRow>();
        var catchUp = new List<string>();
        var busy = RunStore.Active(transaction, hostId).ToDictionary(run => run.RunId);
        foreach (var run in RunStore.Due(transaction, hostId, transaction.Now, MaxRuns))
        {
            if (run.ExpiresAt <= now)
            {
                Expire(transaction, run, catchUp);
            }
            else if (busy.Values.FirstOrDefault(other => other.Policy == run.Policy && run.Policy.Length > 0) is { } previous)
            {
                // An operator's run waits for its turn; scheduled ones would only pile up.
                if (run.Trigger != RunTrigger.Manual && run.Attempt == 0)
                {
                    RunChanges.Apply(transaction, run, new RunInput.Ended(
                        RunState.Skipped, $"the previous run of the policy, {previous.RunId[..8]}, is still running"));
                }
            }
            else if (RunChanges.Apply(transaction, run, new RunInput.Dispatched()) is { } dispatched)
            {
                send.Add(dispatched);
                busy.Add(dispatched.RunId, dispatched);
            }
        }

        return (send, catchUp);
    }

    /// <summary>Ends a run whose usefulness is over, and gives a newer instant of its schedule a chance.</summary>
    public static void Expire(StoreTransaction transaction, RunRow run, List<string> catchUp)
    {
        RunChanges.Apply(transaction, run, new RunInput.Ended(RunState.Expired, "it could not start before its usefulness ended"));
        if (run.Trigger == RunTrigger.Schedule)
        {
            ProtectionStore.CoverAtMost(transaction, run.Policy, run.HostId, run.ScheduledAt);
            catchUp.Add(run.Policy);
        }
    }
}
