using System.Data.Common;
using Fleet.Actions;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Google.Protobuf;

namespace Fleet.Coordinator.State.Runs;

/// <summary>The table of runs and of their attempts. Changes to a run go through <see cref="RunChanges"/>.</summary>
internal static class RunStore
{
    private const string Columns =
        """
        SELECT r.run_id, r.policy, r.policy_revision, r.host_id, coalesce(h.name, ''), r.state, r.trigger, r.scheduled_at, r.queued_at,
               r.not_before, r.started_at, r.finished_at, r.expires_at, r.attempt, r.action_proto, r.retry_proto, r.timeout_ms,
               r.expire_after_ms, r.result_proto, r.requested_by, r.cancel_reason, r.trace_id, r.span_id, r.overdue_at, r.note
        """;

    private const string Select = Columns + " FROM runs r LEFT JOIN hosts h ON h.host_id = r.host_id";

    /// <summary>Selects runs that have not ended; further conditions follow.</summary>
    private const string SelectOpen =
        Columns + $" FROM runs r INDEXED BY runs_open LEFT JOIN hosts h ON h.host_id = r.host_id WHERE r.{RunSql.IsOpen}";
    private const string SelectOpenOfHost =
        Columns + $" FROM runs r INDEXED BY runs_open_host LEFT JOIN hosts h ON h.host_id = r.host_id WHERE r.{RunSql.IsOpen} AND "
            + "r.host_id = $host";

    public static RunRow? Find(StoreReader reader, string runId) =>
        reader.First(Select + " WHERE r.run_id = $id", Read, ("$id", runId));

    /// <summary>Adds a run, unless its id is known.</summary>
    /// <returns>Whether it was added.</returns>
    public static bool Insert(StoreTransaction transaction, RunRow run)
    {
        var added = transaction.Execute(
            """
            INSERT INTO runs (run_id, policy, policy_revision, host_id, state, trigger, scheduled_at, queued_at, not_before,
                started_at, finished_at, expires_at, attempt, action_proto, retry_proto, timeout_ms, expire_after_ms, result_proto,
                requested_by, cancel_reason, trace_id, span_id, note, dry_run)
            VALUES ($id, $policy, $revision, $host, $state, $trigger, $scheduled, $queued, $notBefore, $started, $finished, $expires,
                $attempt, $action, $retry, $timeout, $expireAfter, $result, $requestedBy, $cancel, $trace, $span, $note, $dry)
            ON CONFLICT DO NOTHING
            """,
            ("$id", run.RunId),
            ("$policy", run.Policy),
            ("$revision", run.PolicyRevision),
            ("$host", run.HostId),
            ("$state", (int)run.State),
            ("$trigger", (int)run.Trigger),
            ("$scheduled", run.ScheduledAt.ToColumn()),
            ("$queued", run.QueuedAt.ToColumn()),
            ("$notBefore", run.NotBefore.ToColumn()),
            ("$started", run.StartedAt.ToColumn()),
            ("$finished", run.FinishedAt.ToColumn()),
            ("$expires", run.ExpiresAt.ToColumn()),
            ("$attempt", run.Attempt),
            ("$action", run.Action.ToByteArray()),
            ("$retry", run.Retry.ToByteArray()),
            ("$timeout", (long)run.Timeout.TotalMilliseconds),
            ("$expireAfter", (long)run.ExpireAfter.TotalMilliseconds),
            ("$result", run.Result?.ToByteArray()),
            ("$requestedBy", run.RequestedBy),
            ("$cancel", run.CancelReason),
            ("$trace", run.TraceId),
            ("$span", run.SpanId),
            ("$note", run.Note),
            ("$dry", run.Action.IsDryRun ? 1 : 0));
        return added > 0;
    }

    /// <summary>Stores the changeable fields of a run.</summary>
    public static void Save(StoreTransaction transaction, RunRow run) =>
        transaction.Execute(
            """
            UPDATE runs SET state = $state, not_before = $notBefore, started_at = $started, finished_at = $finished,
                expires_at = $expires, attempt = $attempt, result_proto = $result, cancel_reason = $cancel,
                overdue_at = $overdue
            WHERE run_id = $id
            """,
            ("$id", run.RunId),
            ("$state", (int)run.State),
            ("$notBefore", run.NotBefore.ToColumn()),
            ("$started", run.StartedAt.ToColumn()),
            ("$finished", run.FinishedAt.ToColumn()),
            ("$expires", run.ExpiresAt.ToColumn()),
            ("$attempt", run.Attempt),
            ("$result", run.Result?.ToByteArray()),
            ("$cancel", run.CancelReason),
            ("$overdue", run.OverdueAt.ToColumn()));

    /// <summary>Copies a result to its attempt before another one takes its place in the run's row.</summary>
    public static void KeepResult(StoreTransaction transaction, string runId, ActionResult result) =>
        transaction.Execute(
            "UPDATE run_attempts SET result_proto = $result WHERE run_id = $id AND result_proto IS NULL",
            ("$id", runId),
            ("$result", result.ToByteArray()));

    /// <summary>Adds an attempt that has finished, unless it is known.</summary>
    /// <param name="result">Null if it is in the run's row.</param>
    public static void AddAttempt(StoreTransaction transaction, string runId, int attempt, ActionResult? result) =>
        transaction.Execute(
            """
            INSERT INTO run_attempts (run_id, attempt, finished_at, result_proto) VALUES ($id, $attempt, $at, $result)
            ON CONFLICT DO NOTHING
            """,
            ("$id", runId),
            ("$attempt", attempt),
            ("$at", transaction.Now.ToColumn()),
            ("$result", result?.ToByteArray()));

    /// <summary>At most two runs whose id begins with the given digits: enough to see that there is more than one.</summary>
    public static List<RunRow> WithPrefix(StoreReader reader, string prefix) =>
        reader.Query(Select + " WHERE r.run_id >= $from AND r.run_id < $to LIMIT 2", Read, ("$from", prefix), ("$to", prefix + "g"));

    /// <summary>Waiting runs of a host that may be sent now, the one that waits longest first.</summary>
    public static List<RunRow> Due(StoreReader reader, string hostId, DateTimeOffset now, int limit) =>
        reader.Query(
            SelectOpenOfHost + $" AND r.{RunSql.IsQueued} AND r.not_before <= $now ORDER BY r.queued_at, r.run_id LIMIT $limit",
            Read,
            ("$host", hostId),
            ("$now", now.ToColumn()),
            ("$limit", limit));

    /// <summary>Runs of a host that were sent and have not ended.</summary>
    public static List<RunRow> Active(StoreReader reader, string hostId) =>
        reader.Query(SelectOpenOfHost + $" AND r.{RunSql.IsActive}", Read, ("$host", hostId));

    /// <summary>Runs of a host that have not ended, of one policy or of all ("").</summary>
    public static List<RunRow> Open(StoreReader reader, string hostId, string policy = "") =>
        reader.Query(
            SelectOpenOfHost + " AND ($policy = '' OR r.policy = $policy) ORDER BY r.queued_at",
            Read,
            ("$host", hostId),
            ("$policy", policy));

    /// <summary>The number of runs that wait for a host.</summary>
    public static int QueueLength(StoreReader reader, string hostId) =>
        (int)
            reader.Number(
                $"SELECT count(*) FROM runs INDEXED BY runs_open_host WHERE {RunSql.IsOpen} AND host_id = $host AND {RunSql.IsQueued}",
                ("$host", hostId));

    /// <summary>
    /// Deletes runs that finished before an instant, oldest first. Their logs are deleted first, lines of one run per call, so that no
    /// transaction is long.
    /// </summary>
    /// <returns>The number of deleted runs; null if there are none to delete.</returns>
    public static int? Forget(StoreTransaction transaction, DateTimeOffset finishedBefore, int limit)
    {
        var oldest = transaction.Query(
            $"SELECT run_id FROM runs INDEXED BY runs_ended_at WHERE {RunSql.IsFinal} AND finished_at < $limit ORDER BY finished_at "
            + "LIMIT $count",
            static row => row.GetString(0),
            ("$limit", finishedBefore.ToColumn()),
            ("$count", limit));
        var forgotten = 0;
        foreach (var runId in oldest)
        {
            if (RunLogStore.RemoveSome(transaction, runId))
            {
                return forgotten;
            }

            forgotten += transaction.Execute("DELETE FROM runs WHERE run_id = $id", ("$id", runId));
        }

        return oldest.Count == 0 ? null : forgotten;
    }

    /// <summary>Runs of all hosts that were sent and have not ended.</summary>
    public static List<RunRow> Active(StoreReader reader) => reader.Query(SelectOpen + $" AND r.{RunSql.IsActive}", Read);

    /// <summary>The number of a policy's runs that were sent and have not ended.</summary>
    public static long CountActive(StoreReader reader, string policy) =>
        reader.Number(
            $"SELECT count(*) FROM runs INDEXED BY runs_open WHERE {RunSql.IsOpen} AND {RunSql.IsActive} AND policy = $policy",
            ("$policy", policy));

    /// <summary>Runs of a policy that wait for their hosts.</summary>
    public static List<RunRow> Queued(StoreReader reader, string policy) =>
        reader.Query(Select + $" WHERE r.policy = $policy AND r.{RunSql.IsQueued}", Read, ("$policy", policy));

    /// <summary>Whether a run of a policy waits for a host.</summary>
    public static bool IsWaiting(StoreReader reader, string policy, string hostId) =>
        reader.Number(
            $"""
            SELECT count(*) FROM runs INDEXED BY runs_open_host
            WHERE {RunSql.IsOpen} AND host_id = $host AND {RunSql.IsQueued} AND policy = $policy
            """,
            ("$host", hostId),
            ("$policy", policy)) > 0;

    /// <summary>Runs that are known to run beyond their time limit.</summary>
    public static List<RunRow> Overdue(StoreReader reader) =>
        reader.Query(SelectOpen + $" AND r.{RunSql.IsRunning} AND r.overdue_at IS NOT NULL", Read);

    /// <summary>
    /// Runs of connected hosts that run beyond their time limit and were not reported yet. started_at is by the host's clock, so its offset
    /// is subtracted.
    /// </summary>
    /// <param name="grace">How long beyond the limit.</param>
    public static List<RunRow> NewlyOverdue(StoreReader reader, DateTimeOffset now, TimeSpan grace, int limit) =>
        reader.Query(
            SelectOpen + $"""
             AND r.{RunSql.IsRunning} AND h.connected = 1 AND r.overdue_at IS NULL
               AND r.started_at - h.clock_offset_ms + r.timeout_ms + $grace <= $now LIMIT $limit
            """,
            Read,
            ("$now", now.ToColumn()),
            ("$grace", (long)grace.TotalMilliseconds),
            ("$limit", limit));

    /// <summary>
    /// Waiting runs whose usefulness has ended, without scheduled ones of hosts that are away: their agents may have run them.
    /// </summary>
    public static List<RunRow> Expired(StoreReader reader, DateTimeOffset now, int limit) =>
        reader.Query(
            SelectOpen + $" AND r.{RunSql.IsQueued} AND r.expires_at <= $now AND (r.{RunSql.IsManual} OR h.connected = 1) LIMIT $limit",
            Read,
            ("$now", now.ToColumn()),
            ("$limit", limit));

    /// <summary>Ids of connected hosts for which runs wait that may start.</summary>
    public static List<string> HostsWithDueRuns(StoreReader reader, DateTimeOffset now) =>
        reader.Query(
            $"""
            SELECT DISTINCT r.host_id FROM runs r INDEXED BY runs_open JOIN hosts h ON h.host_id = r.host_id
            WHERE r.{RunSql.IsOpen} AND r.{RunSql.IsQueued} AND r.not_before <= $now AND h.connected = 1
            """,
            static row => row.GetString(0),
            ("$now", now.ToColumn()));

    /// <summary>Hosts that have been connected since an instant, and get none of the runs that have been due since then.</summary>
    public static List<StalledHost> StalledHosts(StoreReader reader, DateTimeOffset since) =>
        reader.Query(
            $"""
            SELECT r.host_id, h.name, count(*), min(r.queued_at || ' ' || r.run_id)
            FROM runs r INDEXED BY runs_open JOIN hosts h ON h.host_id = r.host_id
            WHERE r.{RunSql.IsOpen} AND r.{RunSql.IsQueued} AND r.not_before <= $since AND r.queued_at <= $since
              AND h.connected = 1 AND h.removed_at IS NULL AND h.connected_at <= $since
              AND NOT EXISTS (SELECT 1 FROM runs a INDEXED BY runs_open_host
                  WHERE a.{RunSql.IsOpen} AND a.host_id = r.host_id AND a.policy = r.policy AND a.policy <> '' AND a.{RunSql.IsActive})
            GROUP BY r.host_id, h.name
            """,
            static row => new StalledHost(row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetString(3).Split(' ')[1]),
            ("$since", since.ToColumn()));

    /// <summary>Ids of runs of a host that have not ended, or ended after an instant; newest first.</summary>
    public static List<string> OpenOrEndedSince(StoreReader reader, string hostId, DateTimeOffset since, int limit) =>
        reader.Query(
            $"""
            SELECT run_id FROM (
                SELECT run_id, scheduled_at FROM runs INDEXED BY runs_open_host WHERE {RunSql.IsOpen} AND host_id = $host
                UNION ALL
                SELECT run_id, scheduled_at FROM runs INDEXED BY runs_ended_at WHERE {RunSql.IsFinal} AND finished_at >= $since
                AND host_id = $host) AS r
            ORDER BY scheduled_at DESC LIMIT $limit
            """,
            static row => row.GetString(0),
            ("$host", hostId),
            ("$since", since.ToColumn()),
            ("$limit", limit));

    /// <summary>The operator's note about a run. Empty if there is no note or no such run.</summary>
    public static string NoteOf(StoreReader reader, string runId) =>
        reader.First("SELECT note FROM runs WHERE run_id = $id", static row => row.GetString(0), ("$id", runId)) ?? "";

    /// <summary>Ends pauses before further attempts that would be longer than any pause can be: the clock was set back.</summary>
    public static void EndPausesAfter(StoreTransaction transaction, DateTimeOffset latest) =>
        transaction.Execute(
            $"UPDATE runs INDEXED BY runs_open SET not_before = $now WHERE {RunSql.IsOpen} AND {RunSql.IsQueued} AND not_before > $latest",
            ("$now", transaction.Now.ToColumn()),
            ("$latest", latest.ToColumn()));

    private static RunRow Read(DbDataReader row) => new()
    {
        RunId = row.GetString(0),
        Policy = row.GetString(1),
        PolicyRevision = row.GetInt64(2),
        HostId = row.GetString(3),
        HostName = row.GetString(4),
        State = (RunState)row.GetInt32(5),
        Trigger = (RunTrigger)row.GetInt32(6),
        ScheduledAt = row.Instant(7),
        QueuedAt = row.Instant(8),
        NotBefore = row.Instant(9),
        StartedAt = row.InstantOrNull(10),
        FinishedAt = row.InstantOrNull(11),
        ExpiresAt = row.Instant(12),
        Attempt = row.GetInt32(13),
        Action = Protocol.V1.Action.Parser.ParseFrom((byte[])row.GetValue(14)),
        Retry = RetryPolicy.Parser.ParseFrom((byte[])row.GetValue(15)),
        Timeout = TimeSpan.FromMilliseconds(row.GetInt64(16)),
        ExpireAfter = TimeSpan.FromMilliseconds(row.GetInt64(17)),
        Result = StoredMessage.Read(ActionResult.Parser, row.BytesOrNull(18)),
        RequestedBy = row.GetString(19),
        CancelReason = row.IsDBNull(20) ? null : row.GetString(20),
        TraceId = row.GetString(21),
        SpanId = row.GetString(22),
        OverdueAt = row.InstantOrNull(23),
        Note = row.GetString(24),
    };
}
