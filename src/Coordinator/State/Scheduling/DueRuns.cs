using Fleet.Coordinator.State.Policies;
using Fleet.Coordinator.State.Runs;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Scheduling;

/// <summary>Queues the runs of scheduled instants.</summary>
internal static class DueRuns
{
    /// <summary>
    /// Takes care of one instant for each host: one run is queued, unless one of the same policy still waits for the host (it
    /// stands for this one too), the run is known already (the agent fired it), or the host's queue is full. In one transaction
    /// with the note that the instant is covered.
    /// </summary>
    /// <returns>Ids of the hosts that have a new run.</returns>
    public static IReadOnlyList<string> Queue(
        StoreTransaction transaction, PolicyRow policy, IReadOnlyList<DueInstant> due, int queuePerHost)
    {
        var queued = new List<string>(due.Count);
        foreach (var (hostId, hostName, instant) in due)
        {
            var covered = transaction.Execute(
                "UPDATE policy_hosts SET covered_until = $instant WHERE policy = $policy AND host_id = $host",
                ("$instant", instant.ToColumn()),
                ("$policy", policy.Spec.Name),
                ("$host", hostId));
            if (covered == 0 || IsWaiting(transaction, policy.Spec.Name, hostId))
            {
                continue;
            }

            var run = RunFactory.Scheduled(policy, hostId, hostName, instant, transaction.Now);
            if (run.ExpiresAt <= transaction.Now)
            {
                continue;
            }

            var full = RunStore.QueueLength(transaction, hostId) >= queuePerHost;
            if (!RunStore.Enqueue(transaction, run))
            {
                continue;
            }

            if (full)
            {
                RunStore.Change(transaction, run, new RunInput.Ended(
                    RunState.Skipped, $"{queuePerHost} runs already wait for the host (queue.per_host)"));
            }
            else
            {
                queued.Add(hostId);
            }
        }

        return queued;
    }

    /// <summary>Whether a run of the policy waits for the host.</summary>
    public static bool IsWaiting(StoreReader reader, string policy, string hostId) =>
        reader.Number(
            "SELECT count(*) FROM runs INDEXED BY runs_open_host WHERE state <= 3 AND host_id = $host AND state = 1 AND policy = $policy",
            ("$host", hostId),
            ("$policy", policy)) > 0;
}
