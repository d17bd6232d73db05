using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Runs;

/// <summary>Counts runs by state. A state without runs has no entry.</summary>
internal static class RunCounts
{
    private static readonly RunState[] Final = [.. Enum.GetValues<RunState>().Where(RunStates.IsFinal)];

    /// <summary>A sum for each state, not GROUP BY, which would sort.</summary>
    private static readonly string Ended =
        $"SELECT {string.Join(", ", Final.Select(static state => $"count(*) FILTER (WHERE state = {(int)state})"))} " +
        "FROM runs INDEXED BY runs_ended_at " +
        $"WHERE {RunSql.IsFinal} AND finished_at > $since AND dry_run = 0";

    /// <summary>Counts of runs that have not ended.</summary>
    public static Dictionary<RunState, long> Open(StoreReader reader) =>
        reader.Query(
                $"SELECT state, count(*) FROM runs INDEXED BY runs_open WHERE {RunSql.IsOpen} GROUP BY state",
                static row => ((RunState)row.GetInt32(0), row.GetInt64(1)))
            .ToDictionary();

    /// <summary>Waiting and active runs by id of their host: of one host or of all (""). A host without such runs has no entry.</summary>
    public static Dictionary<string, (int Queued, int Active)> OpenByHost(StoreReader reader, string hostId)
    {
        var counts = new Dictionary<string, (int Queued, int Active)>(StringComparer.Ordinal);
        var rows = reader.Query(
            $"""
            SELECT host_id, state, count(*) FROM runs INDEXED BY runs_open_host
            WHERE {RunSql.IsOpen} AND ($host = '' OR host_id = $host) GROUP BY host_id, state
            """,
            static row => (Host: row.GetString(0), State: (RunState)row.GetInt32(1), Count: row.GetInt32(2)),
            ("$host", hostId));
        foreach (var (host, state, count) in rows)
        {
            var (queued, active) = counts.GetValueOrDefault(host);
            counts[host] = state == RunState.Queued ? (queued + count, active) : (queued, active + count);
        }

        return counts;
    }

    /// <summary>Counts of runs that ended after an instant, without dry runs.</summary>
    public static Dictionary<RunState, long> EndedSince(StoreReader reader, DateTimeOffset since) =>
        reader.First(
                Ended,
                static row => Final.Select((state, i) => (State: state, Count: row.IsDBNull(i) ? 0 : row.GetInt64(i))).ToList(),
                ("$since", since.ToColumn()))!
            .Where(static pair => pair.Count > 0)
            .ToDictionary();
}
