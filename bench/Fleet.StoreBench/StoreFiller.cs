using Fleet.Protocol.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Data.Sqlite;

namespace Fleet.StoreBench;

/// <summary>
/// Fills a store that a coordinator has made with a history: hosts, policies, runs with results and attempts, events, snapshots, audit.
/// Made by statements of SQLite, a few microseconds a row. The same numbers give the same store, but for the time that it ends at.
/// </summary>
internal static class StoreFiller
{
    private const int Policies = 30;

    /// <summary>Of a run's result, one in this many is not a success.</summary>
    private const int FailureEvery = 50;

    /// <summary>Runs of each host that have not ended.</summary>
    private const int OpenRuns = 3;

    /// <param name="connection">Open for writing; nobody else has the store open.</param>
    /// <param name="end">Instant of the newest run.</param>
    public static void Fill(SqliteConnection connection, FillSize size, DateTimeOffset end)
    {
        Execute(connection, "PRAGMA synchronous = OFF");
        Execute(connection, "PRAGMA cache_size = -400000");
        Execute(connection, "PRAGMA foreign_keys = OFF");
        Execute(connection, "BEGIN");
        var now = end.ToUnixTimeMilliseconds();
        var first = (long)(Scalar(connection, "SELECT coalesce(max(sequence), 0) FROM events") ?? 0L);
        (string, object)[] values =
        [
            ("$hosts", size.Hosts),
            ("$runs", size.Runs),
            ("$events", size.Events),
            ("$snapshots", size.Snapshots),
            ("$audit", size.Audit),
            ("$policies", Policies),
            ("$now", now),
            ("$step", Math.Max(1, (long)size.Span.TotalMilliseconds / Math.Max(1, size.Runs))),
            ("$first", first),
            ("$open", Math.Min(size.Runs / 2, size.Hosts * OpenRuns)),
            ("$failure", FailureEvery),
            ("$span", (long)size.Span.TotalMilliseconds),
            ("$action", Action().ToByteArray()),
            ("$retry", Retry().ToByteArray()),
            ("$good", Result(ActionOutcome.Succeeded).ToByteArray()),
            ("$bad", Result(ActionOutcome.Failed).ToByteArray()),
        ];
        foreach (var sql in FillStatements.All)
        {
            Execute(connection, sql, values);
        }

        AddPolicies(connection, now);
        Execute(connection, "COMMIT");
        Execute(connection, "PRAGMA foreign_keys = ON");
        Execute(connection, "PRAGMA synchronous = FULL");
        Execute(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
    }

    private static void AddPolicies(SqliteConnection connection, long now)
    {
        for (var i = 0; i < Policies; i++)
        {
            var spec = new PolicySpec
            {
                Name = $"policy-{i:00}",
                Target = new PolicyTarget { MatchLabels = { ["fleet.io/all"] = "true" } },
                Schedule = new Schedule { Every = Duration.FromTimeSpan(TimeSpan.FromHours(2)) },
                Action = Action(),
                Paused = true,
            };
            Execute(
                connection,
                "INSERT INTO policies (name, spec_proto, revision, created_at, updated_at, updated_by) VALUES ($name, $spec, 1, $now, $now, 'bench')",
                [("$name", spec.Name), ("$spec", spec.ToByteArray()), ("$now", now)]);
        }
    }

    private static Protocol.V1.Action Action() => new()
    {
        Rsync = new RsyncAction
        {
            Source = new RsyncEndpoint { Path = ByteString.CopyFromUtf8("/srv/data/") },
            Destination = new RsyncEndpoint { Path = ByteString.CopyFromUtf8("/backup/data/") },
        },
    };

    private static RetryPolicy Retry() => new()
    {
        MaxAttempts = 3,
        InitialBackoff = Duration.FromTimeSpan(TimeSpan.FromSeconds(30)),
    };

    private static ActionResult Result(ActionOutcome outcome)
    {
        var result = new ActionResult
        {
            Outcome = outcome,
            ExitCode = outcome == ActionOutcome.Succeeded ? 0 : 23,
            Message =
                outcome == ActionOutcome.Succeeded
                    ? "1,204 files, 83 MB sent"
                    : "rsync: [sender] read errors mapping \"/srv/data/x\": Input/output error (5)",
            StartedAt = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch.AddYears(55)),
            FinishedAt = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch.AddYears(55).AddMinutes(2)),
            Duration = Duration.FromTimeSpan(TimeSpan.FromSeconds(121.5)),
            CpuTime = Duration.FromTimeSpan(TimeSpan.FromSeconds(7.25)),
            MaxResidentBytes = 14_221_312,
            Rsync = new RsyncStatistics(),
        };
        for (var i = 0; i < 6; i++)
        {
            result.LogTail.Add(
                new LogLine
                {
                    Attempt = 1,
                    Number = i,
                    Text = $"total size is {8_300_211 + i}  speedup is 1.{i:00} of what was sent before",
                });
        }

        return result;
    }

    private static object? Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constant texts.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }

    private static void Execute(SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object Value)> values)
    {
        using var command = connection.CreateCommand();
        command.CommandTimeout = 0;
#pragma warning disable CA2100 // Constant texts.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in values)
        {
            if (sql.Contains(name, StringComparison.Ordinal))
            {
                command.Parameters.AddWithValue(name, value);
            }
        }

        command.ExecuteNonQuery();
    }
}
