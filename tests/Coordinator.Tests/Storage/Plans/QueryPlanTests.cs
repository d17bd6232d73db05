using System.Collections.Concurrent;
using Fleet.Coordinator.Storage;
using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Fleet.StoreBench;
using Fleet.Testing;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Fleet.Coordinator.Tests.Storage.Plans;

/// <summary>
/// What a list, a watch or the forgetting costs does not grow with what is kept: the plan of every statement that a coordinator runs on its
/// store, taken from a coordinator at work.
/// </summary>
public sealed class QueryPlanTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Begins of statements that only pass time brings about. A coordinator that no longer runs them has others.</summary>
    private static readonly string[] Periodic =
    [
        "DELETE FROM audit", "DELETE FROM snapshots", "DELETE FROM requests", "DELETE FROM events", "DELETE FROM runs",
        "SELECT run_id FROM runs INDEXED BY runs_ended_at", "SELECT DISTINCT r.host_id FROM runs r INDEXED BY runs_open",
        "SELECT r.host_id, h.name, count(*)", "UPDATE runs INDEXED BY runs_open SET not_before",
    ];

    [Fact]
    public void EveryCall_IsKnownToReadOrNotTo() => Assert.Empty(ListRequests.Unknown());

    [Fact]
    public async Task EveryStatement_ReadsWithoutScanAndSort_WhateverSqliteKnowsOfTheNumbers()
    {
        var statements = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        var clock = new FakeTimeProvider(Start);
        await using var coordinator = await TestCoordinator.StartAsync(clock, build: builder =>
            Observe(builder, sql => statements.TryAdd(sql, true)));
        await coordinator.StopAsync();
        var path = Path.Combine(coordinator.StateDirectory, SqliteDatabase.FileName);
        using (var connection = Open(path))
        {
            StoreFiller.Fill(connection, new FillSize(20, 2_000, 10_000, 400, 500, TimeSpan.FromDays(500)), Start);
        }

        await coordinator.BootAgainAsync();
        await CallEverythingAsync(coordinator, path);
        await RunOnceAsync(coordinator);
        await Eventually.GetAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(30));
                return Task.FromResult(
                    string.Join(
                        "; ",
                        Periodic.Where(begin => !statements.Keys.Any(sql => sql.TrimStart().StartsWith(begin, StringComparison.Ordinal)))));
            },
            static missing => missing.Length == 0,
            "every periodic statement");
        coordinator.Store.Statements = null;

        using var explaining = Open(path);
        AssertSound(explaining, statements.Keys);
        Run(explaining, "ANALYZE");
        AssertSound(explaining, statements.Keys);
    }

    [Theory]
    [InlineData("SELECT count(*) FROM runs WHERE finished_at > $since AND state = 4")]
    [InlineData("SELECT * FROM runs WHERE state = 4 ORDER BY scheduled_at DESC, run_id DESC LIMIT 100")]
    [InlineData("SELECT * FROM events WHERE message = 'x'")]
    [InlineData("SELECT sequence FROM events INDEXED BY events_type WHERE type IN ('a', 'b') AND sequence > $after AND sequence <= $to ORDER BY sequence")]
    [InlineData("SELECT * FROM audit WHERE who IN ($who, 'operator:' || $who) ORDER BY sequence DESC LIMIT 100")]
    public async Task StatementThatReadsTheHistory_IsFound(string sql)
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        using var connection = Open(coordinator.Store.Place);

        Assert.NotEmpty(QueryPlan.Problems(connection, sql));
    }

    /// <summary>From the moment on that the store is open: some things are forgotten at once.</summary>
    private static void Observe(WebApplicationBuilder builder, Action<string> seen)
    {
        var registered = builder.Services.Single(static service => service.ServiceType == typeof(FleetStore));
        builder.Services.AddSingleton(services =>
        {
            var store = (FleetStore)registered.ImplementationFactory!(services);
            store.Statements = seen;
            return store;
        });
    }

    private static async Task CallEverythingAsync(TestCoordinator coordinator, string path)
    {
        using var connection = Open(path);
        var run = Text(connection, "SELECT run_id FROM runs WHERE log_lines > 0 LIMIT 1");
        var host = Text(connection, "SELECT host_id FROM hosts WHERE name = 'host-0003'");
        var since = Timestamp.FromDateTimeOffset(Start.AddDays(-100));
        var values = new Dictionary<string, object[]>
        {
            ["host"] = ["host-0003", host],
            ["policy"] = ["policy-07"],
            ["name"] = ["policy-07"],
            ["run_id"] = [run, run[..12]],
            ["states"] =
            [
                new[] { RunState.Succeeded },
                new[] { RunState.Queued, RunState.Running },
                new[] { RunState.Failed, RunState.Refused, RunState.Running },
            ],
            ["since"] = [since],
            ["state"] = [HostState.Offline],
            ["match_labels"] = ["true"],
            ["of"] = ["tank/data3", "tank"],
            ["at"] = [since],
            ["include_gone"] = [true],
            ["types"] = [new[] { "run.failed" }, new[] { "run.*", "policy.failing" }],
            ["hosts"] = [new[] { "host-0003", host }],
            ["policies"] = [new[] { "policy-07", "policy-08" }],
            ["who"] = ["admin"],
        };
        foreach (var (method, request) in ListRequests.All(values))
        {
            try
            {
                if (await ListRequests.CallAsync(coordinator.Admin, method, request) is { } answer
                    && answer.Descriptor.FindFieldByName("next_page_token") is { } token
                    && token.Accessor.GetValue(answer) is string { Length: > 0 } next)
                {
                    request.Descriptor.FindFieldByName("page_token").Accessor.SetValue(request, next);
                    await ListRequests.CallAsync(coordinator.Admin, method, request);
                }
            }
            catch (RpcException exception) when (exception.StatusCode is StatusCode.InvalidArgument or StatusCode.NotFound)
            {
                // Without what names the one that is asked for.
                Assert.StartsWith("Get", method.Name.Replace("ListRunLog", "Get", StringComparison.Ordinal), StringComparison.Ordinal);
            }
        }
    }

    /// <summary>A host joins and runs a policy.</summary>
    private static async Task RunOnceAsync(TestCoordinator coordinator)
    {
        var agent = await coordinator.EnrolAsync("nas");
        await using var session = await agent.OpenAsync();
        await coordinator.ApplyAsync(TestPolicies.New());
        var run = await coordinator.StartAsync("photos", "nas");
        var command = await session.CommandAsync();
        await session.StartAsync(command);
        await session.FinishAsync(command, ActionOutcome.Succeeded);
        await coordinator.RunAsync(run.RunId, RunState.Succeeded);
    }

    private static void AssertSound(SqliteConnection connection, IEnumerable<string> statements)
    {
        var problems = statements
            .Where(static sql => sql.TrimStart().Split(' ', '\n')[0] is "SELECT" or "INSERT" or "UPDATE" or "DELETE" or "WITH")
            .SelectMany(sql => QueryPlan.Problems(connection, sql).Select(problem => $"{problem}\n    in {sql}"))
            .Order()
            .ToList();
        Assert.True(problems.Count == 0, string.Join("\n", problems));
    }

    private static SqliteConnection Open(string path)
    {
        NativeSqlite.EnsureLoaded();
        var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        return connection;
    }

    private static string Text(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
        return (string)command.ExecuteScalar()!;
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
