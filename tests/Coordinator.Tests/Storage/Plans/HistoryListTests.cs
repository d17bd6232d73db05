using Fleet.Coordinator.State.Events;
using Fleet.Coordinator.Storage;
using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Fleet.StoreBench;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Data.Sqlite;

namespace Fleet.Coordinator.Tests.Storage.Plans;

/// <summary>Lists that read from indexes give what a plain condition gives, page after page, each entry once and in order.</summary>
public sealed class HistoryListTests : IAsyncLifetime
{
    private const string Host = "host-0003";
    private const string Policy = "policy-07";

    private TestCoordinator _coordinator = null!;
    private SqliteConnection _plain = null!;

    public async ValueTask InitializeAsync()
    {
        _coordinator = await TestCoordinator.StartAsync();
        await _coordinator.StopAsync();
        NativeSqlite.EnsureLoaded();
        _plain = new SqliteConnection($"Data Source={Path.Combine(_coordinator.StateDirectory, SqliteDatabase.FileName)};Pooling=False");
        _plain.Open();
        StoreFiller.Fill(_plain, new FillSize(10, 3_000, 15_000, 600, 200, TimeSpan.FromDays(20)), TimeProvider.System.GetUtcNow());
        await _coordinator.BootAgainAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _plain.DisposeAsync();
        await _coordinator.DisposeAsync();
    }

    [Fact]
    public async Task Runs_WithEveryFilter()
    {
        var since = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow().AddDays(-8));
        RunState[][] states = [[], [RunState.Succeeded], [RunState.Failed, RunState.TimedOut, RunState.Running], [RunState.Refused]];
        foreach (var host in (string[])["", Host])
        {
            foreach (var policy in (string[])["", Policy])
            {
                foreach (var some in states)
                {
                    foreach (var from in (Timestamp?[])[null, since])
                    {
                        var expected = Read(
                            "SELECT run_id FROM runs WHERE 1" +
                            (host.Length > 0 ? " AND host_id = (SELECT host_id FROM hosts WHERE name = 'host-0003')" : "") +
                            (policy.Length > 0 ? $" AND policy = '{policy}'" : "") +
                            (some.Length > 0 ? $" AND state IN ({string.Join(", ", some.Select(static state => (int)state))})" : "") +
                            (from is null ? "" : $" AND scheduled_at >= {from.ToDateTimeOffset().ToUnixTimeMilliseconds()}") +
                            " ORDER BY scheduled_at DESC, run_id DESC");

                        Assert.Equal(
                            expected,
                            await RunsAsync(
                                new ListRunsRequest
                                {
                                    Host = host,
                                    Policy = policy,
                                    States = { some },
                                    Since = from,
                                    PageSize = 700,
                                }));
                    }
                }
            }
        }
    }

    [Fact]
    public async Task Events_WithEveryFilter_AfterAnySequence()
    {
        var hostId = Read("SELECT host_id FROM hosts WHERE name = 'host-0003'").Single();
        var all = await _coordinator.AllEventsAsync();
        Assert.Equal(Enumerable.Range(1, all.Count).Select(static i => (long)i), all.Select(static fact => fact.Sequence));
        SubscribeRequest[] requests =
        [
            new() { Types_ = { "run.failed" } },
            new() { Types_ = { "run.*", "host.connected" } },
            new() { Types_ = { "nothing.such", "policy.*" } },
            new() { Hosts = { Host } },
            new() { Hosts = { hostId, "host-0004" }, Types_ = { "run.*" } },
            new() { Policies = { Policy } },
            new() { Policies = { Policy, "policy-08" }, Hosts = { Host }, Types_ = { "run.succeeded", "snapshot.*" } },
        ];
        foreach (var request in requests)
        {
            var filter = new EventFilter(request);
            foreach (var after in (long[])[0, 1, 7_777])
            {
                request.AfterSequence = after;
                request.ReplayOnly = true;
                using var call = _coordinator.Events.Subscribe(request);
                var got = new List<long>();
                var reached = 0L;
                while (await call.ResponseStream.MoveNext(CancellationToken.None))
                {
                    (reached, var fact) = (call.ResponseStream.Current.Heartbeat?.Sequence ?? 0, call.ResponseStream.Current.Event);
                    if (fact is not null)
                    {
                        got.Add(fact.Sequence);
                    }
                }

                // What happened since is behind all that is compared.
                Assert.Equal(
                    all.Where(fact => fact.Sequence > after && filter.Matches(fact)).Select(static fact => fact.Sequence),
                    got.Where(sequence => sequence <= all[^1].Sequence));
                Assert.True(reached >= all[^1].Sequence, request.ToString());
            }
        }
    }

    [Fact]
    public async Task Snapshots_WithEveryFilter()
    {
        var at = TimeProvider.System.GetUtcNow().AddDays(-5);
        foreach (var host in (string[])["", Host])
        {
            foreach (var policy in (string[])["", Policy, "no-such"])
            {
                foreach (var of in (string[])["", "tank", "tank/data3", "tank/none"])
                {
                    foreach (var gone in (bool[])[false, true])
                    {
                        foreach (var then in (DateTimeOffset?[])[null, at])
                        {
                            var common = (string table) =>
                                (policy.Length > 0 ? $" AND {table}.policy = '{policy}'" : "")
                                + (gone ? "" : $" AND {table}.gone_at IS NULL");
                            var expected = Read(
                                "SELECT s.name FROM snapshots s JOIN hosts h USING (host_id) WHERE 1" + common("s") +
                                (host.Length > 0 ? $" AND h.name = '{host}'" : "") +
                                (of.Length > 0 ? $" AND (s.origin = '{of}' OR s.origin LIKE '{of}/%')" : "") +
                                (then is { } instant
                                    ? " AND s.created_at = (SELECT max(n.created_at) FROM snapshots n WHERE n.host_id = s.host_id AND n.kind = s.kind" +
                                        $" AND n.origin = s.origin AND n.created_at <= {instant.ToUnixTimeMilliseconds()}{common("n")})"
                                    : "") +
                                " ORDER BY s.created_at DESC, s.id DESC");

                            Assert.Equal(expected, await SnapshotsAsync(new ListSnapshotsRequest
                            {
                                Host = host,
                                Policy = policy,
                                Of = of,
                                IncludeGone = gone,
                                At = then is null ? null : Timestamp.FromDateTimeOffset(then.Value),
                                PageSize = 150,
                            }));
                        }
                    }
                }
            }
        }
    }

    [Fact]
    public async Task Audit_OfOne_IsUnderEveryNameThatItHas()
    {
        var entries = (await _coordinator.AdminService.ListAuditAsync(new ListAuditRequest { Who = "ops", PageSize = 1_000 })).Entries;

        Assert.Equal(
            Read("SELECT sequence FROM audit WHERE who IN ('ops', 'operator:ops') ORDER BY sequence DESC"),
            entries.Select(static entry => entry.Sequence.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal(50, entries.Count);
    }

    private async Task<List<string>> RunsAsync(ListRunsRequest request)
    {
        var runs = new List<string>();
        do
        {
            var page = await _coordinator.Fleet.ListRunsAsync(request);
            runs.AddRange(page.Runs.Select(static run => run.RunId));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        return runs;
    }

    private async Task<List<string>> SnapshotsAsync(ListSnapshotsRequest request)
    {
        var names = new List<string>();
        do
        {
            var page = await _coordinator.Fleet.ListSnapshotsAsync(request);
            names.AddRange(page.Snapshots.Select(static snapshot => snapshot.Name));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        return names;
    }

    private List<string> Read(string sql)
    {
        using var command = _plain.CreateCommand();
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
        {
            rows.Add(reader.GetString(0));
        }

        return rows;
    }
}
