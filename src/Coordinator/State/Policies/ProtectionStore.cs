using Fleet.Coordinator.State.Events;
using Fleet.Coordinator.State.Runs;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Microsoft.Data.Sqlite;

namespace Fleet.Coordinator.State.Policies;

/// <summary>
/// Keeps the protection state of each (policy, host) and tells its transitions. What was told last is stored, so that a
/// restart repeats nothing.
/// </summary>
internal static class ProtectionStore
{
    private const string Select =
        """
        SELECT a.policy, a.host_id, h.name, a.assigned_at, a.covered_until, a.last_success_at, a.last_run_id, a.last_failed, a.state,
               a.state_since, a.announced
        FROM policy_hosts a JOIN hosts h ON h.host_id = a.host_id
        """;

    /// <summary>All hosts of a policy, or all of a host, by name.</summary>
    public static List<PolicyHostRow> OfPolicy(StoreReader reader, string policy) =>
        reader.Query(Select + " WHERE a.policy = $policy ORDER BY h.name", Read, ("$policy", policy));

    /// <inheritdoc cref="OfPolicy"/>
    public static List<PolicyHostRow> OfHost(StoreReader reader, string hostId) =>
        reader.Query(Select + " WHERE a.host_id = $host ORDER BY a.policy", Read, ("$host", hostId));

    /// <summary>Every pair of policy and host, the one that has stood longest first.</summary>
    public static List<PolicyHostRow> All(StoreReader reader) => reader.Query(Select + " ORDER BY a.state_since", Read);

    public static PolicyHostRow? Find(StoreReader reader, string policy, string hostId) =>
        reader.First(Select + " WHERE a.policy = $policy AND a.host_id = $host", Read, ("$policy", policy), ("$host", hostId));

    /// <summary>A run has reached its final state: takes it into account and tells what changed.</summary>
    public static void RunFinished(StoreTransaction transaction, RunRow run)
    {
        if (!run.CountsForProtection
            || !(run.State == RunState.Succeeded || RunStates.IsFailure(run.State))
            || PolicyStore.Find(transaction, run.Policy) is not { } policy)
        {
            return;
        }

        var finishedAt = (run.FinishedAt ?? transaction.Now).ToColumn();
        var succeeded = run.State == RunState.Succeeded;
        transaction.Execute(
            """
            UPDATE policy_hosts SET
                last_success_at = CASE WHEN $succeeded THEN max(coalesce(last_success_at, 0), min($started, $now)) ELSE last_success_at END,
                last_failed = CASE WHEN $finished >= coalesce(last_finished_at, 0) THEN NOT $succeeded ELSE last_failed END,
                last_finished_at = max(coalesce(last_finished_at, 0), $finished)
            WHERE policy = $policy AND host_id = $host
            """,
            ("$succeeded", succeeded),
            ("$now", transaction.Now.ToColumn()), // A host's clock that is ahead must not make a success count as fresh for longer.
            ("$started", (run.StartedAt ?? run.FinishedAt ?? transaction.Now).ToColumn()),
            ("$finished", finishedAt),
            ("$policy", run.Policy),
            ("$host", run.HostId));
        if (Find(transaction, run.Policy, run.HostId) is { } row)
        {
            Evaluate(transaction, policy.Spec, row, run.Result?.Message ?? "");
        }
    }

    /// <summary>Evaluates the hosts of a policy whose state may have changed by time alone.</summary>
    /// <returns>How many were looked at.</returns>
    public static int EvaluateDue(StoreTransaction transaction, PolicySpec spec, int limit)
    {
        var due = transaction.Query(
            Select + " WHERE a.policy = $policy AND a.check_at <= $now LIMIT $limit",
            Read,
            ("$policy", spec.Name),
            ("$now", transaction.Now.ToColumn()),
            ("$limit", limit));
        foreach (var row in due)
        {
            Evaluate(transaction, spec, row, "");
        }

        return due.Count;
    }

    /// <summary>Computes the state anew, stores it, and records the event if it is one that must be told and was not.</summary>
    public static void Evaluate(StoreTransaction transaction, PolicySpec spec, PolicyHostRow row, string reason)
    {
        var state = ProtectionRules.StateOf(spec, row.AssignedAt, row.LastSuccessAt, row.LastFailed, transaction.Now);
        var announced = row.Announced;
        if (ProtectionRules.IsAlert(state))
        {
            if (announced != state)
            {
                EventAppender.Append(transaction, AlertEvent(spec, row, state, reason));
                announced = state;
            }
        }
        else if (state == ProtectionState.Ok)
        {
            if (ProtectionRules.IsAlert(announced))
            {
                EventAppender.Append(transaction, Event(
                    EventTypes.PolicyRecovered, EventSeverity.Info, spec, row, $"{spec.Name} on {row.HostName} is well again", announced));
            }

            announced = state;
        }

        transaction.Execute(
            """
            UPDATE policy_hosts SET state = $state, announced = $announced, check_at = $check,
                state_since = CASE WHEN state = $state THEN state_since ELSE $now END
            WHERE policy = $policy AND host_id = $host
            """,
            ("$state", (int)state),
            ("$announced", (int)announced),
            ("$check", ProtectionRules.NextCheck(spec, row.AssignedAt, row.LastSuccessAt, transaction.Now).ToColumn()),
            ("$now", transaction.Now.ToColumn()),
            ("$policy", row.Policy),
            ("$host", row.HostId));
    }

    private static NewEvent AlertEvent(PolicySpec spec, PolicyHostRow row, ProtectionState state, string reason)
    {
        var (type, severity, what) = state switch
        {
            ProtectionState.Failing => (EventTypes.PolicyFailing, EventSeverity.Warning, "does not succeed"),
            ProtectionState.Stale => (EventTypes.PolicyStale, EventSeverity.Error,
                $"has no success newer than {row.LastSuccessAt?.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z"),
            _ => (EventTypes.PolicyNeverRan, EventSeverity.Error, "has never succeeded"),
        };
        var message = $"{spec.Name} on {row.HostName} {what}";
        return Event(type, severity, spec, row, reason.Length == 0 ? message : $"{message}: {reason}", row.Announced);
    }

    private static NewEvent Event(
        string type, EventSeverity severity, PolicySpec spec, PolicyHostRow row, string message, ProtectionState before)
    {
        var attributes = new Dictionary<string, string> { ["before"] = NameOf(before) };
        if (row.LastSuccessAt is { } success)
        {
            attributes["last_success_at"] = success.UtcDateTime.ToString("O", System.Globalization.CultureInfo.InvariantCulture);
        }

        if (PolicyRules.Freshness(spec) is { } freshness)
        {
            attributes["freshness_seconds"] = ((long)freshness.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        return new NewEvent(type, severity, message)
        {
            HostId = row.HostId,
            HostName = row.HostName,
            Policy = row.Policy,
            RunId = row.LastRunId,
            Attributes = attributes,
        };
    }

    /// <summary>As events name it: "ok", "failing", "never_ran"...</summary>
    private static string NameOf(ProtectionState state) => state switch
    {
        ProtectionState.Ok => "ok",
        ProtectionState.Failing => "failing",
        ProtectionState.Stale => "stale",
        ProtectionState.NeverRan => "never_ran",
        ProtectionState.Paused => "paused",
        _ => "pending",
    };

    private static PolicyHostRow Read(SqliteDataReader row) => new(
        row.GetString(0),
        row.GetString(1),
        row.GetString(2),
        row.Instant(3),
        row.Instant(4),
        row.InstantOrNull(5),
        row.GetString(6),
        row.GetInt64(7) != 0,
        (ProtectionState)row.GetInt32(8),
        row.Instant(9),
        (ProtectionState)row.GetInt32(10));
}
