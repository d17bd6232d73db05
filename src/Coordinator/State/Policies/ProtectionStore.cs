using System.Data.Common;
using Fleet.Coordinator.State.Events;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Policies;

/// <summary>
/// The table policy_hosts: one row for each host that a policy applies to, with its state there. The last reported state is stored, so that
/// a restart repeats nothing.
/// </summary>
internal static class ProtectionStore
{
    private const string Select =
        """
        SELECT a.policy, a.host_id, h.name, a.assigned_at, a.covered_until, a.last_success_at, a.last_run_id, a.last_failed, a.state,
               a.state_since, a.announced, a.last_finished_at, a.check_at
        FROM policy_hosts a JOIN hosts h ON h.host_id = a.host_id
        """;

    /// <summary>All rows of a policy, or all rows of a host, ordered by name.</summary>
    public static List<PolicyHostRow> OfPolicy(StoreReader reader, string policy) =>
        reader.Query(Select + " WHERE a.policy = $policy ORDER BY h.name", Read, ("$policy", policy));

    /// <inheritdoc cref="OfPolicy"/>
    public static List<PolicyHostRow> OfHost(StoreReader reader, string hostId) =>
        reader.Query(Select + " WHERE a.host_id = $host ORDER BY a.policy", Read, ("$host", hostId));

    /// <summary>Every pair of policy and host, the one with the longest unchanged state first.</summary>
    public static List<PolicyHostRow> All(StoreReader reader) => reader.Query(Select + " ORDER BY a.state_since", Read);

    public static PolicyHostRow? Find(StoreReader reader, string policy, string hostId) =>
        reader.First(Select + " WHERE a.policy = $policy AND a.host_id = $host", Read, ("$policy", policy), ("$host", hostId));

    /// <summary>The state of every policy on every host that was not removed, ordered by host and policy.</summary>
    public static List<PolicyHostRow> OfEnrolledHosts(StoreReader reader) =>
        reader.Query(Select + " WHERE h.removed_at IS NULL ORDER BY h.name, a.policy", Read);

    public static bool Exists(StoreReader reader, string policy, string hostId) =>
        reader.Number(
            "SELECT count(*) FROM policy_hosts WHERE policy = $policy AND host_id = $host",
            ("$policy", policy),
            ("$host", hostId)
        ) > 0;

    /// <summary>Whether the state of a policy on any host may have changed just because time has passed.</summary>
    public static bool IsCheckDue(StoreReader reader, string policy, DateTimeOffset now) =>
        reader.Number(
            "SELECT count(*) FROM policy_hosts WHERE policy = $policy AND check_at <= $now",
            ("$policy", policy),
            ("$now", now.ToColumn())
        ) > 0;

    /// <summary>Records that the policy begins to apply to a host now.</summary>
    public static void Insert(StoreTransaction transaction, PolicySpec spec, string hostId)
    {
        var now = transaction.Now;
        transaction.Execute(
            """
            INSERT INTO policy_hosts (policy, host_id, assigned_at, covered_until, state, state_since, check_at)
            VALUES ($policy, $host, $now, $now, $state, $now, $check)
            """,
            ("$policy", spec.Name),
            ("$host", hostId),
            ("$now", now.ToColumn()),
            ("$state", (int)ProtectionRules.StateOf(spec, now, null, false, now)),
            ("$check", ProtectionRules.NextCheck(spec, now, null, now).ToColumn()));
    }

    public static void Delete(StoreTransaction transaction, string policy, string hostId) =>
        transaction.Execute("DELETE FROM policy_hosts WHERE policy = $policy AND host_id = $host", ("$policy", policy), ("$host", hostId));

    public static void DeleteOfHost(StoreTransaction transaction, string hostId) =>
        transaction.Execute("DELETE FROM policy_hosts WHERE host_id = $host", ("$host", hostId));

    public static void DeleteOfPolicy(StoreTransaction transaction, string policy) =>
        transaction.Execute("DELETE FROM policy_hosts WHERE policy = $policy", ("$policy", policy));

    public static void SetLastRun(StoreTransaction transaction, string policy, string hostId, string runId) =>
        transaction.Execute(
            "UPDATE policy_hosts SET last_run_id = $id WHERE policy = $policy AND host_id = $host",
            ("$id", runId),
            ("$policy", policy),
            ("$host", hostId));

    /// <summary>Records that an instant is covered.</summary>
    /// <returns>False if the policy no longer applies to the host.</returns>
    public static bool Cover(StoreTransaction transaction, string policy, string hostId, DateTimeOffset instant) =>
        transaction.Execute(
            "UPDATE policy_hosts SET covered_until = $instant WHERE policy = $policy AND host_id = $host",
            ("$instant", instant.ToColumn()),
            ("$policy", policy),
            ("$host", hostId)) > 0;

    /// <summary>Like <see cref="Cover"/>, for an instant that has come; a later covered instant is kept.</summary>
    public static void CoverAtLeast(StoreTransaction transaction, string policy, string hostId, DateTimeOffset instant) =>
        transaction.Execute(
            """
            UPDATE policy_hosts SET covered_until = $at
            WHERE policy = $policy AND host_id = $host AND $at <= $now AND covered_until < $at
            """,
            ("$at", instant.ToColumn()),
            ("$policy", policy),
            ("$host", hostId),
            ("$now", transaction.Now.ToColumn()));

    /// <summary>Makes instants after the given one count as not covered.</summary>
    public static void CoverAtMost(StoreTransaction transaction, string policy, string hostId, DateTimeOffset instant) =>
        transaction.Execute(
            "UPDATE policy_hosts SET covered_until = $at WHERE policy = $policy AND host_id = $host AND covered_until > $at",
            ("$at", instant.ToColumn()),
            ("$policy", policy),
            ("$host", hostId));

    /// <summary>Starts the schedule of a policy now: its instants in the past were never promised to anybody.</summary>
    public static void CoverUntilNow(StoreTransaction transaction, string policy) =>
        transaction.Execute(
            "UPDATE policy_hosts SET covered_until = $now WHERE policy = $policy",
            ("$now", transaction.Now.ToColumn()),
            ("$policy", policy));

    /// <summary>Lets a paused policy run again, from now.</summary>
    public static void AssignNow(StoreTransaction transaction, string policy) =>
        transaction.Execute(
            "UPDATE policy_hosts SET assigned_at = $now WHERE policy = $policy", ("$now", transaction.Now.ToColumn()), ("$policy", policy));

    /// <summary>Sets instants that lie in the future to the present, after the clock was set back.</summary>
    public static void EndAtNow(StoreTransaction transaction) =>
        transaction.Execute(
            """
            UPDATE policy_hosts SET assigned_at = CASE WHEN assigned_at > $now THEN $now ELSE assigned_at END,
                covered_until = CASE WHEN covered_until > $now THEN $now ELSE covered_until END,
                last_success_at = CASE WHEN last_success_at > $now THEN $now ELSE last_success_at END,
                state_since = CASE WHEN state_since > $now THEN $now ELSE state_since END,
                check_at = CASE WHEN check_at > $now THEN $now ELSE check_at END
            WHERE assigned_at > $now OR covered_until > $now OR last_success_at > $now OR state_since > $now
            """,
            ("$now", transaction.Now.ToColumn()));

    /// <summary>Evaluates the hosts of a policy whose state may have changed just because time has passed.</summary>
    /// <returns>The number of hosts that were evaluated.</returns>
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
            Evaluate(transaction, spec, row);
        }

        return due.Count;
    }

    /// <summary>Recomputes and stores the state, and records an event if it must be reported and was not.</summary>
    /// <param name="row">Read in this transaction.</param>
    public static void Evaluate(StoreTransaction transaction, PolicySpec spec, PolicyHostRow row)
    {
        var (evaluated, fact) = ProtectionRules.Evaluate(spec, row, "", transaction.Now);
        if (fact is not null)
        {
            EventAppender.Append(transaction, fact);
        }

        Save(transaction, evaluated);
    }

    /// <summary>Stores changes caused by runs and by time.</summary>
    /// <param name="row">Read in this transaction: its times replace those that are stored.</param>
    public static void Save(StoreTransaction transaction, PolicyHostRow row) =>
        transaction.Execute(
            """
            UPDATE policy_hosts SET last_success_at = $success, last_failed = $failed, last_finished_at = $finished, state = $state,
                state_since = $since, announced = $announced, check_at = $check
            WHERE policy = $policy AND host_id = $host
            """,
            ("$success", row.LastSuccessAt.ToColumn()),
            ("$failed", row.LastFailed ? 1 : 0),
            ("$finished", row.LastFinishedAt.ToColumn()),
            ("$state", (int)row.State),
            ("$since", row.Since.ToColumn()),
            ("$announced", (int)row.Announced),
            ("$check", row.CheckAt.ToColumn()),
            ("$policy", row.Policy),
            ("$host", row.HostId));

    private static PolicyHostRow Read(DbDataReader row) => new(
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
        (ProtectionState)row.GetInt32(10),
        row.InstantOrNull(11),
        row.Instant(12));
}
