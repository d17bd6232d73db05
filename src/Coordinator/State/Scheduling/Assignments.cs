using Fleet.Coordinator.Actions;
using Fleet.Coordinator.State.Hosts;
using Fleet.Coordinator.State.Policies;
using Fleet.Coordinator.State.Runs;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Scheduling;

/// <summary>
/// Keeps one row per (policy, host that it applies to), and the revision of each host's assignment, which is sent to agents.
/// </summary>
internal static class Assignments
{
    /// <summary>Records that a policy was added or changed.</summary>
    /// <param name="before">Null if it is new.</param>
    /// <returns>Ids of the hosts whose assignment changed.</returns>
    public static IReadOnlyCollection<string> PolicyChanged(StoreTransaction transaction, PolicySpec? before, PolicySpec spec)
    {
        var affected = new HashSet<string>(StringComparer.Ordinal);
        var rows = ProtectionStore.OfPolicy(transaction, spec.Name).ToDictionary(row => row.HostId);
        foreach (var host in HostStore.All(transaction).Where(host => PolicyRules.Applies(spec.Target, host.Name, host.Labels)))
        {
            if (!rows.Remove(host.HostId))
            {
                ProtectionStore.Insert(transaction, spec, host.HostId);
            }

            affected.Add(host.HostId);
        }

        foreach (var gone in rows.Values)
        {
            Remove(transaction, gone.Policy, gone.HostId);
            affected.Add(gone.HostId);
        }

        if (before is not null && (!Equals(before.Schedule, spec.Schedule) || before.Paused != spec.Paused))
        {
            ProtectionStore.CoverUntilNow(transaction, spec.Name);
        }

        if (before is { Paused: true } && !spec.Paused)
        {
            ProtectionStore.AssignNow(transaction, spec.Name);
        }

        foreach (var row in ProtectionStore.OfPolicy(transaction, spec.Name))
        {
            ProtectionStore.Evaluate(transaction, spec, row);
        }

        HostStore.RaiseAssignmentRevision(transaction, affected);
        return affected;
    }

    /// <summary>Records that a host has enrolled, or that its labels changed.</summary>
    /// <returns>Names of the policies that began or ceased to apply to it.</returns>
    public static IReadOnlyCollection<string> HostChanged(
        StoreTransaction transaction, string hostId, string hostName, IReadOnlyDictionary<string, string> labels)
    {
        var affected = new HashSet<string>(StringComparer.Ordinal);
        var rows = ProtectionStore.OfHost(transaction, hostId).Select(row => row.Policy).ToHashSet(StringComparer.Ordinal);
        foreach (var policy in PolicyStore.All(transaction))
        {
            var applies = PolicyRules.Applies(policy.Spec.Target, hostName, labels);
            if (applies && !rows.Contains(policy.Spec.Name))
            {
                ProtectionStore.Insert(transaction, policy.Spec, hostId);
                affected.Add(policy.Spec.Name);
            }
            else if (!applies && rows.Contains(policy.Spec.Name))
            {
                Remove(transaction, policy.Spec.Name, hostId);
                affected.Add(policy.Spec.Name);
            }
        }

        if (affected.Count > 0)
        {
            HostStore.RaiseAssignmentRevision(transaction, [hostId]);
        }

        return affected;
    }

    /// <summary>Records that a policy is about to be deleted.</summary>
    /// <returns>Ids of the hosts that lose it, and how many waiting runs expired.</returns>
    public static (IReadOnlyCollection<string> Hosts, int ExpiredRuns) PolicyDeleted(StoreTransaction transaction, string policy)
    {
        var hosts = ProtectionStore.OfPolicy(transaction, policy).Select(row => row.HostId).ToHashSet(StringComparer.Ordinal);
        var expired = 0;
        foreach (var run in RunStore.Queued(transaction, policy))
        {
            RunChanges.Apply(transaction, run, new RunInput.Ended(RunState.Expired, "its policy was deleted"));
            expired++;
        }

        HostStore.RaiseAssignmentRevision(transaction, hosts);
        return (hosts, expired);
    }

    /// <summary>The assignment that a host's agent keeps on disk.</summary>
    public static Assignment Build(StoreReader reader, string hostId, TimeSpan autonomyGrace)
    {
        var assignment = new Assignment
        {
            Revision = HostStore.AssignmentRevision(reader, hostId),
            AutonomyGrace = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(autonomyGrace),
        };
        foreach (var row in ProtectionStore.OfHost(reader, hostId))
        {
            if (PolicyStore.Find(reader, row.Policy) is { } policy)
            {
                var spec = policy.Spec.Clone();
                spec.Action = HostAction.Of(spec.Action, row.HostName, spec.Name);
                assignment.Policies.Add(new AssignedPolicy
                {
                    Spec = spec,
                    Revision = policy.Revision,
                    CoveredUntil = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(row.CoveredUntil),
                });
            }
        }

        return assignment;
    }

    private static void Remove(StoreTransaction transaction, string policy, string hostId)
    {
        foreach (var run in RunStore.Open(transaction, hostId, policy).Where(run => run.State == RunState.Queued))
        {
            RunChanges.Apply(transaction, run, new RunInput.Ended(RunState.Expired, "its policy no longer applies to this host"));
        }

        ProtectionStore.Delete(transaction, policy, hostId);
    }
}
