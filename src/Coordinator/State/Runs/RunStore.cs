using Fleet.Actions;
using Fleet.Coordinator.State.Events;
using Fleet.Coordinator.State.Policies;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Google.Protobuf;
using Microsoft.Data.Sqlite;

namespace Fleet.Coordinator.State.Runs;

/// <summary>The table of runs: reading, and the one way in which a run changes.</summary>
internal static class RunStore
{
    private const string Columns =
        """
        SELECT r.run_id, r.policy, r.policy_revision, r.host_id, coalesce(h.name, ''), r.state, r.trigger, r.scheduled_at, r.queued_at,
               r.not_before, r.started_at, r.finished_at, r.expires_at, r.attempt, r.action_proto, r.retry_proto, r.timeout_ms,
               r.expire_after_ms, r.result_proto, r.requested_by, r.cancel_reason, r.trace_id, r.span_id, r.overdue_at, r.note
        """;

    internal const string Select = Columns + " FROM runs r LEFT JOIN hosts h ON h.host_id = r.host_id";

    /// <summary>Runs that have not ended; further conditions follow. The second one is for those of one host.</summary>
    internal const string SelectOpen =
        Columns + " FROM runs r INDEXED BY runs_open LEFT JOIN hosts h ON h.host_id = r.host_id WHERE r.state <= 3";
    private const string SelectOpenOfHost =
        Columns + " FROM runs r INDEXED BY runs_open_host LEFT JOIN hosts h ON h.host_id = r.host_id WHERE r.state <= 3 AND r.host_id = $host";

    public static RunRow? Find(StoreReader reader, string runId) =>
        reader.First(Select + " WHERE r.run_id = $id", Read, ("$id", runId));

    /// <summary>Adds a run, unless its id is known.</summary>
    /// <returns>Whether it was added.</returns>
    public static bool Insert(StoreTransaction transaction, RunRow run)
    {
        var added = transaction.Execute(
            """
            INSERT OR IGNORE INTO runs (run_id, policy, policy_revision, host_id, state, trigger, scheduled_at, queued_at, not_before,
                started_at, finished_at, expires_at, attempt, action_proto, retry_proto, timeout_ms, expire_after_ms, result_proto,
                requested_by, cancel_reason, trace_id, span_id, note, dry_run)
            VALUES ($id, $policy, $revision, $host, $state, $trigger, $scheduled, $queued, $notBefore, $started, $finished, $expires,
                $attempt, $action, $retry, $timeout, $expireAfter, $result, $requestedBy, $cancel, $trace, $span, $note, $dry)
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
        if (added == 0)
        {
            return false;
        }

        if (!run.CountsForProtection)
        {
            return true;
        }

        transaction.Execute(
            "UPDATE policy_hosts SET last_run_id = $id WHERE policy = $policy AND host_id = $host",
            ("$id", run.RunId),
            ("$policy", run.Policy),
            ("$host", run.HostId));
        return true;
    }

    /// <summary>Adds a waiting run and its event run.queued, unless its id is known.</summary>
    public static bool Enqueue(StoreTransaction transaction, RunRow run)
    {
        if (!Insert(transaction, run))
        {
            return false;
        }

        EventAppender.Append(transaction, new NewEvent(EventTypes.RunQueued, EventSeverity.Info, $"{run.Title} queued for {run.HostName}")
        {
            HostId = run.HostId,
            HostName = run.HostName,
            Policy = run.Policy,
            RunId = run.RunId,
            Attributes = QueuedAttributes(run),
        });
        return true;
    }

    /// <summary>
    /// Lets something happen to a run: row, result of the attempt, event and protection state, all in this transaction.
    /// </summary>
    /// <returns>The run afterwards; null when nothing changed.</returns>
    public static RunRow? Change(StoreTransaction transaction, RunRow run, RunInput input)
    {
        var applied = RunTransitions.Apply(run, input, transaction.Now, Random.Shared);
        if (applied is not null && run.Result is { } before && !ReferenceEquals(applied.Row.Result, before))
        {
            // The run has had the result of its newest attempt; another one takes its place.
            transaction.Execute(
                "UPDATE run_attempts SET result_proto = $result WHERE run_id = $id AND result_proto IS NULL",
                ("$id", run.RunId),
                ("$result", before.ToByteArray()));
        }

        // Also that of an attempt that is over; but a host cannot add attempts that the run never had.
        if (input is RunInput.Finished finished && (applied is not null || finished.Attempt <= run.Retry.MaxAttempts))
        {
            transaction.Execute(
                "INSERT OR IGNORE INTO run_attempts (run_id, attempt, finished_at, result_proto) VALUES ($id, $attempt, $at, $result)",
                ("$id", run.RunId),
                ("$attempt", finished.Attempt),
                ("$at", transaction.Now.ToColumn()),
                ("$result", ReferenceEquals(applied?.Row.Result, finished.Result) ? null : finished.Result.ToByteArray()));
        }

        if (applied is not { } change)
        {
            return null;
        }

        Save(transaction, change.Row);
        if (change.Event is { } fact)
        {
            EventAppender.Append(transaction, fact);
        }

        if (change.Row.IsFinal)
        {
            ProtectionStore.RunFinished(transaction, change.Row);
        }

        return change.Row;
    }

    /// <summary>Waiting runs of a host that may be sent now, the one that waits longest first.</summary>
    public static List<RunRow> Due(StoreReader reader, string hostId, DateTimeOffset now, int limit) =>
        reader.Query(
            SelectOpenOfHost + " AND r.state = 1 AND r.not_before <= $now ORDER BY r.queued_at, r.run_id LIMIT $limit",
            Read,
            ("$host", hostId),
            ("$now", now.ToColumn()),
            ("$limit", limit));

    /// <summary>Runs of a host that were sent and have not ended.</summary>
    public static List<RunRow> Active(StoreReader reader, string hostId) =>
        reader.Query(SelectOpenOfHost + " AND r.state IN (2, 3)", Read, ("$host", hostId));

    /// <summary>Runs of a host that have not ended, of one policy or of all ("").</summary>
    public static List<RunRow> Open(StoreReader reader, string hostId, string policy = "") =>
        reader.Query(
            SelectOpenOfHost + " AND r.state IN (1, 2, 3) AND ($policy = '' OR r.policy = $policy) ORDER BY r.queued_at",
            Read,
            ("$host", hostId),
            ("$policy", policy));

    /// <summary>How many runs wait for a host.</summary>
    public static int QueueLength(StoreReader reader, string hostId) =>
        (int)reader.Number(
            "SELECT count(*) FROM runs INDEXED BY runs_open_host WHERE state <= 3 AND host_id = $host AND state = 1", ("$host", hostId));

    /// <summary>
    /// Forgets runs that finished before an instant, the oldest first. Their logs go before them, lines of one run in one call, so that no
    /// transaction is long.
    /// </summary>
    /// <returns>How many runs went; null: there is none.</returns>
    public static int? Forget(StoreTransaction transaction, DateTimeOffset finishedBefore, int limit)
    {
        var oldest = transaction.Query(
            "SELECT run_id FROM runs INDEXED BY runs_ended_at WHERE +state > 3 AND finished_at < $limit ORDER BY finished_at LIMIT $count",
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

    internal static RunRow Read(SqliteDataReader row) => new()
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

    private static Dictionary<string, string> QueuedAttributes(RunRow run)
    {
        var attributes = new Dictionary<string, string>
        {
            ["trigger"] = RunTransitions.TriggerName(run.Trigger),
            ["scheduled_at"] = run.ScheduledAt.UtcDateTime.ToString("O", System.Globalization.CultureInfo.InvariantCulture),
            ["requested_by"] = run.RequestedBy,
        };
        if (run.Note.Length > 0)
        {
            attributes["note"] = run.Note;
        }

        return attributes;
    }

    private static void Save(StoreTransaction transaction, RunRow run) =>
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
}
