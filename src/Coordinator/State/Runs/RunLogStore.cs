using System.Data.Common;
using System.Text;
using Fleet.Coordinator.Errors;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.State.Runs;

/// <summary>The table of run logs, and how much of it each run has (runs.log_lines, runs.log_bytes).</summary>
internal static class RunLogStore
{
    /// <summary>Most lines that one call removes.</summary>
    private const int MaxRemoved = 5_000;

    /// <summary>Stores lines of one run; lines of an unknown run and lines that are already stored change nothing.</summary>
    public static void Append(StoreTransaction transaction, string runId, IReadOnlyList<LogLine> lines)
    {
        var (added, bytes) = (0, 0L);
        foreach (var line in lines)
        {
            if (transaction.Execute(
                """
                INSERT INTO run_log (run_id, attempt, number, at, stream, truncated, text)
                SELECT run_id, $attempt, $number, $at, $stream, $truncated, $text FROM runs WHERE run_id = $id
                ON CONFLICT DO NOTHING
                """,
                ("$id", runId),
                ("$attempt", line.Attempt),
                ("$number", line.Number),
                ("$at", (line.At?.ToDateTimeOffset() ?? transaction.Now).ToColumn()),
                ("$stream", (int)line.Stream),
                ("$truncated", line.Truncated),
                ("$text", line.Text)) > 0)
            {
                added++;
                bytes += Size(line);
            }
        }

        Count(transaction, runId, added, bytes);
    }

    /// <summary>The number of bytes that a line counts for.</summary>
    public static long Size(LogLine line) => Encoding.UTF8.GetByteCount(line.Text) + LogRates.LineOverhead;

    /// <summary>Keeps a run's log within its bounds: its first lines and the newest ones stay.</summary>
    public static void Trim(StoreTransaction transaction, string runId, int keepLines, long keepBytes, int first)
    {
        var (lines, bytes) = transaction.First(
            "SELECT log_lines, log_bytes FROM runs WHERE run_id = $id", static row => (row.GetInt64(0), row.GetInt64(1)), ("$id", runId));
        if (lines > keepLines || bytes > keepBytes)
        {
            Remove(transaction, runId, first, lines - keepLines, bytes - keepBytes);
        }
    }

    /// <summary>
    /// Removes the logs of a host's oldest runs until the rest has room. Removes a bounded number of lines; call it again while it returns
    /// true.
    /// </summary>
    /// <returns>True if there is more to remove.</returns>
    public static bool TrimHost(StoreTransaction transaction, string hostId, long keepBytes)
    {
        var excess =
            transaction.Number("SELECT sum(log_bytes) FROM runs WHERE host_id = $host AND log_lines > 0", ("$host", hostId)) - keepBytes;
        var oldest =
            excess <= 0
                ? null
                : transaction.First(
                    "SELECT run_id FROM runs WHERE host_id = $host AND log_lines > 0 ORDER BY queued_at LIMIT 1",
                    static row => row.GetString(0),
                    ("$host", hostId));
        return oldest is not null
            && Remove(transaction, oldest, 0, 0, excess) is var removed
            && removed.Bytes > 0
            && removed.Bytes < excess;
    }

    /// <summary>Removes lines of a run's log, a bounded number.</summary>
    /// <returns>True if there were any.</returns>
    public static bool RemoveSome(StoreTransaction transaction, string runId)
    {
        if (transaction.Number("SELECT log_lines FROM runs WHERE run_id = $id", ("$id", runId)) == 0)
        {
            return false;
        }

        if (Remove(transaction, runId, 0, MaxRemoved, long.MaxValue).Lines == 0)
        {
            transaction.Execute("UPDATE runs SET log_lines = 0, log_bytes = 0 WHERE run_id = $id", ("$id", runId));
        }

        return true;
    }

    private static (long Lines, long Bytes) Remove(StoreTransaction transaction, string runId, int first, long lines, long bytes)
    {
        var candidates = transaction.Query(
            """
            SELECT attempt, number, length(CAST(text AS BLOB)) FROM run_log
            WHERE run_id = $id ORDER BY attempt, number LIMIT $limit OFFSET $first
            """,
            static row => (Attempt: row.GetInt32(0), Number: row.GetInt64(1), Bytes: row.GetInt64(2) + LogRates.LineOverhead),
            ("$id", runId),
            ("$limit", MaxRemoved),
            ("$first", first));
        var (count, size) = (0, 0L);
        while (count < candidates.Count && (count < lines || size < bytes))
        {
            size += candidates[count++].Bytes;
        }

        if (count == 0)
        {
            return (0, 0);
        }

        var (from, to) = (candidates[0], candidates[count - 1]);
        transaction.Execute(
            """
            DELETE FROM run_log WHERE run_id = $id
                AND (attempt, number) >= ($fromAttempt, $fromNumber) AND (attempt, number) <= ($toAttempt, $toNumber)
            """,
            ("$id", runId),
            ("$fromAttempt", from.Attempt),
            ("$fromNumber", from.Number),
            ("$toAttempt", to.Attempt),
            ("$toNumber", to.Number));
        Count(transaction, runId, -count, -size);
        return (count, size);
    }

    private static void Count(StoreTransaction transaction, string runId, long lines, long bytes) => transaction.Execute(
        """
        UPDATE runs SET log_lines = CASE WHEN log_lines + $lines > 0 THEN log_lines + $lines ELSE 0 END,
            log_bytes = CASE WHEN log_bytes + $bytes > 0 THEN log_bytes + $bytes ELSE 0 END
        WHERE run_id = $id
        """,
        ("$lines", lines),
        ("$bytes", bytes),
        ("$id", runId));

    /// <summary>Lines after a given one, in order.</summary>
    /// <remarks>Fewer than the limit if they are long.</remarks>
    public static List<LogLine> After(StoreReader reader, string runId, int attempt, long number, int limit)
    {
        var bytes = 0L;
        return reader.QueryUntil(
            """
            SELECT attempt, number, at, stream, truncated, text FROM run_log
            WHERE run_id = $id AND (attempt, number) > ($attempt, $number) ORDER BY attempt, number LIMIT $limit
            """,
            Read,
            line => (bytes += Size(line)) >= Paging.MaxPageBytes,
            ("$id", runId),
            ("$attempt", attempt),
            ("$number", number),
            ("$limit", limit));
    }

    /// <summary>The number of lines that were printed but are not kept.</summary>
    public static long Omitted(StoreReader reader, string runId) =>
        reader.Number(
            """
            SELECT sum(last - kept) FROM (
                SELECT max(number) AS last, count(*) AS kept FROM run_log WHERE run_id = $id GROUP BY attempt) AS a
            """,
            ("$id", runId));

    private static LogLine Read(DbDataReader row) => new()
    {
        Attempt = row.GetInt32(0),
        Number = row.GetInt64(1),
        At = Timestamp.FromDateTimeOffset(row.Instant(2)),
        Stream = (LogStream)row.GetInt32(3),
        Truncated = row.GetInt64(4) != 0,
        Text = row.GetString(5),
    };
}
