using Fleet.Coordinator.State.Policies;
using Fleet.Coordinator.State.Runs;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Scheduling;

/// <summary>Queues the runs of scheduled instants.</summary>
internal static class DueRuns
{
    /// <summary>
    /// Covers one instant for each host: queues one run, unless one of the same policy still waits for the host (it stands for this
    /// one, too), the run is already known (the agent fired it), or the host's queue is full. Records in the same transaction that
    /// the instant is covered.
    /// </summary>
    /// <returns>Ids of the hosts that have a new run.</returns>
    public static IReadOnlyList<string> Queue(
        StoreTransaction transaction, PolicyRow policy, IReadOnlyList<DueInstant> due, int queuePerHost)
    {
        var queued = new List<string>(due.Count);
        foreach (var (hostId, hostName, instant) in due)
        {
            if (!ProtectionStore.Cover(transaction, policy.Spec.Name, hostId, instant)
                || RunStore.IsWaiting(transaction, policy.Spec.Name, hostId))
            {
                continue;
            }

            var run = RunFactory.Scheduled(policy, hostId, hostName, instant, transaction.Now);
            if (run.ExpiresAt <= transaction.Now)
            {
                continue;
            }

            var full = RunStore.QueueLength(transaction, hostId) >= queuePerHost;
            if (!RunChanges.Enqueue(transaction, run))
            {
                continue;
            }

            if (full)
            {
                RunChanges.Apply(transaction, run, new RunInput.Ended(
                    RunState.Skipped, $"{queuePerHost} runs already wait for the host (queue.per_host)"));
            }
            else
            {
                queued.Add(hostId);
            }
        }

        return queued;
    }
}
