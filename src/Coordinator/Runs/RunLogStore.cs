using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Data.Sqlite;

namespace Fleet.Coordinator.Runs;

/// <summary>Reads logs of runs.</summary>
internal static class RunLogStore
{
    /// <summary>Lines in their order, those after one.</summary>
    public static List<LogLine> After(StoreReader reader, string runId, int attempt, long number, int limit) =>
        reader.Query(
            """
            SELECT attempt, number, at, stream, truncated, text FROM run_log
            WHERE run_id = $id AND (attempt, number) > ($attempt, $number) ORDER BY attempt, number LIMIT $limit
            """,
            Read,
            ("$id", runId),
            ("$attempt", attempt),
            ("$number", number),
            ("$limit", limit));

    /// <summary>Lines that were printed and are not kept.</summary>
    public static long Omitted(StoreReader reader, string runId) =>
        reader.Number(
            "SELECT sum(last - kept) FROM (SELECT max(number) AS last, count(*) AS kept FROM run_log WHERE run_id = $id GROUP BY attempt)",
            ("$id", runId));

    private static LogLine Read(SqliteDataReader row) => new()
    {
        Attempt = row.GetInt32(0),
        Number = row.GetInt64(1),
        At = Timestamp.FromDateTimeOffset(row.Instant(2)),
        Stream = (LogStream)row.GetInt32(3),
        Truncated = row.GetInt64(4) != 0,
        Text = row.GetString(5),
    };
}
