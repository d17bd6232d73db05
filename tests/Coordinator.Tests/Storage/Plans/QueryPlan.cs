using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;

namespace Fleet.Coordinator.Tests.Storage.Plans;

/// <summary>How SQLite would run a statement, and what of it would cost more the more history there is.</summary>
internal static partial class QueryPlan
{
    /// <summary>What grows with history, and the ways in which it may be read. All else grows with the fleet at most.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["runs"] =
        [
            @"^SEARCH USING (COVERING )?PRIMARY KEY \(run_id[=><]",

            // Runs that have not ended are few.
            @" USING (COVERING )?INDEX runs_open(_host)?( |$)",
            @"^SEARCH USING COVERING INDEX runs_ended(_policy|_host|_host_policy)? \(((policy|host_id)=\? AND )*state=\?( AND scheduled_at>\?)? AND \(scheduled_at,run_id\)<\(\?,\?\)\)$",
            @"^SEARCH USING (COVERING )?INDEX runs_ended_at \(finished_at[<>]\?\)$",

            // Runs of one host whose log is kept: bounded in bytes.
            @"^SEARCH USING (COVERING )?INDEX runs_logs \(host_id=\?\)$",
        ],
        ["run_attempts"] = [@"^SEARCH USING (COVERING )?PRIMARY KEY \(run_id=\?"],
        ["run_log"] = [@"^SEARCH USING (COVERING )?PRIMARY KEY \(run_id=\?"],
        ["events"] =
        [
            @"^SEARCH USING INTEGER PRIMARY KEY \(rowid[=><]",

            // The newest or the oldest one.
            "^SEARCH$",
            @"^SEARCH USING COVERING INDEX events_type \(type=\? AND rowid>\? AND rowid<\?\)$",
            @"^SEARCH USING COVERING INDEX events_host \(host_name=\? AND type=\? AND rowid>\? AND rowid<\?\)$",
            @"^SEARCH USING COVERING INDEX events_policy \(policy=\? AND type=\? AND sequence>\? AND sequence<\?\)$",
        ],
        ["audit"] =
        [
            @"^SEARCH USING INTEGER PRIMARY KEY \(rowid[=><]",
            "^SEARCH$",
            @"^SEARCH USING INDEX audit_who \(who=\? AND (sequence|rowid)<\?\)$",
            @"^SEARCH USING COVERING INDEX audit_at \(at<\?\)$",
        ],
        ["snapshots"] =
        [
            @"^SEARCH USING INTEGER PRIMARY KEY \(rowid=\?",
            @"^SEARCH USING (COVERING )?INDEX snapshots_(newest|host|policy|origin) \(((host_id|policy|origin)=\? AND )?<expr>=\? AND created_at<\?\)$",
            // All of a host that was removed: to forget them.
            @"^SEARCH USING COVERING INDEX snapshots_host \(host_id=\?\)$",
            @"^SEARCH USING (COVERING )?INDEX snapshots_of \(\(host_id,kind,origin\)>\(\?,\?,\?\)\)$",
            @"^SEARCH USING (COVERING )?INDEX snapshots_of \(host_id=\? AND \(?(kind|host_id)",
            @"^SEARCH USING (COVERING )?INDEX snapshots_of \(host_id=\?\)$",
            @"^SEARCH USING (COVERING )?INDEX snapshots_identity \(identity=\? AND kind=\?\)$",
            @"^SEARCH USING (COVERING )?INDEX snapshots_missing \(host_id=\?",
            @"^SEARCH USING (COVERING )?INDEX snapshots_gone \(gone_at<\?\)$",

            // Of one scope of one host.
            @"^SEARCH USING (COVERING )?INDEX sqlite_autoindex_snapshots_1 \(host_id=\?",
        ],
        ["requests"] = [@"^SEARCH USING PRIMARY KEY \(request_id=\?\)$", @"^SEARCH USING (COVERING )?INDEX requests_at \(at<\?\)$"],
        ["enrolments"] = [@"^SEARCH USING PRIMARY KEY \(request_id=\?\)$"],
        ["join_tokens"] =
        [
            @"^SEARCH USING PRIMARY KEY \(token_id=\?\)$",
            @"^SEARCH USING INDEX join_tokens_newest \(\(created_at,token_id\)<\(\?,\?\)\)$",
            @"^SEARCH USING INDEX sqlite_autoindex_join_tokens_",
        ],
    };

    /// <summary>Reads from an end of an index: the first rows, or one step to each text that there is.</summary>
    private static readonly string[] Steps =
    [
        "SELECT at FROM events ORDER BY sequence DESC LIMIT 1",
        "SELECT sequence, at FROM events ORDER BY sequence LIMIT $limit",
        "SELECT min(type) FROM events INDEXED BY ",
        "SELECT min(origin) FROM snapshots INDEXED BY ",
        "SELECT min(policy) FROM snapshots INDEXED BY ",
    ];

    /// <summary>Statements that sort, and why what they sort does not grow with history.</summary>
    private static readonly (string Part, string Why)[] Sorts =
    [
        ("SELECT run_id, scheduled_at FROM runs INDEXED BY runs_open_host", "runs of one host that ended within a day"),
        ("WITH RECURSIVE g(host_id, kind, origin)", "one snapshot of each dataset, volume and folder"),
    ];

    /// <returns>What is wrong with the plan; empty: nothing.</returns>
    public static IEnumerable<string> Problems(SqliteConnection connection, string sql)
    {
        var lines = Explain(connection, sql);
        var readsHistory = false;
        foreach (var line in lines)
        {
            if (Access().Match(line) is not { Success: true } access || Table(sql, access.Groups["alias"].Value) is not { } table
                || !Allowed.TryGetValue(table, out var allowed))
            {
                continue;
            }

            var how = access.Groups["verb"].Value + access.Groups["how"].Value;
            readsHistory |=
                !how.Contains("INDEX runs_open", StringComparison.Ordinal)
                && !how.Contains("PRIMARY KEY (run_id=?", StringComparison.Ordinal);
            if (!allowed.Any(pattern => Regex.IsMatch(how, pattern)) && !Steps.Any(step => sql.StartsWith(step, StringComparison.Ordinal)))
            {
                yield return line;
            }
        }

        if (readsHistory && lines.Any(static line => line.Contains("TEMP B-TREE", StringComparison.Ordinal))
            && !Sorts.Any(sort => sql.Contains(sort.Part, StringComparison.Ordinal)))
        {
            yield return string.Join("; ", lines);
        }
    }

    public static List<string> Explain(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The product's own statements.
        command.CommandText = "EXPLAIN QUERY PLAN " + sql;
#pragma warning restore CA2100
        foreach (var name in Parameter().Matches(sql).Select(static match => match.Value).Distinct())
        {
            command.Parameters.AddWithValue(name, DBNull.Value);
        }

        using var reader = command.ExecuteReader();
        var lines = new List<string>();
        while (reader.Read())
        {
            lines.Add(reader.GetString(3));
        }

        return lines;
    }

    /// <summary>The table that a statement gives a name.</summary>
    private static string? Table(string sql, string alias) =>
        Allowed.Keys.FirstOrDefault(table =>
            alias == table || Regex.IsMatch(sql, $@"\b(FROM|JOIN|UPDATE|INTO)\s+{table}\s+(AS\s+)?{alias}\b"));

    [GeneratedRegex(@"^(?<verb>SEARCH|SCAN) (?<alias>\w+)(?<how>.*)$")]
    private static partial Regex Access();

    [GeneratedRegex(@"\$\w+")]
    private static partial Regex Parameter();
}
