using Fleet.Coordinator.Metrics;
using Fleet.Coordinator.State.Metrics;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Fleet.Testing;
using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fleet.Coordinator.Tests.Metrics;

public sealed class RollupTests
{
    private const string Host = "5b4b6fca-0000-4000-8000-000000000001";

    [Fact]
    public async Task Query_WindowSplitByARestart_IsPutTogetherFromBothParts()
    {
        var state = Directory.CreateTempSubdirectory("fleet-metrics-").FullName;
        try
        {
            var clock = new FakeTimeProvider();
            var start = clock.GetUtcNow();
            var first = new MetricFixture(state, clock);
            await first.AddHostAsync(Host, "nas");
            using (var session = first.Metrics.OpenSession(Host, "nas"))
            {
                Send(session, clock, 1, 2, 3);
            }

            await first.StopAsync();
            await using var second = new MetricFixture(state, clock);
            using (var session = second.Metrics.OpenSession(Host, "nas"))
            {
                Send(session, clock, 10, 4);
            }

            // Half on disk, half in memory; then all on disk.
            Check(await QueryAsync(second, start));
            clock.Advance(TimeSpan.FromMinutes(10));
            second.Writer.Run(mayForget: true);
            Check(await QueryAsync(second, start));
        }
        finally
        {
            Directory.Delete(state, recursive: true);
        }

        static void Check(QueryMetricsResponse response)
        {
            var gauge = response.Series.Single(static s => s.Series.Name == "g").Points.Single();
            Assert.Equal((4.0, 1.0, 10.0), (gauge.Value, gauge.Min, gauge.Max));
            Assert.Equal(4.0, response.Series.Single(static s => s.Series.Name == "c_total").Points.Single().Value);
            Assert.Equal(TimeSpan.FromMinutes(5), response.Step.ToTimeSpan());
        }
    }

    [Fact]
    public async Task Query_BacklogOfAnOutage_FillsTheGapOnceEvenWhenSentTwice()
    {
        await using var fixture = new MetricFixture();
        await fixture.AddHostAsync(Host, "nas");
        var start = fixture.Clock.GetUtcNow();
        fixture.Clock.Advance(TimeSpan.FromHours(3));
        using var session = fixture.Metrics.OpenSession(Host, "nas");
        session.Accept(Batches.Of(fixture.Clock.GetUtcNow(), ("g", 100)));
        for (var repeat = 0; repeat < 2; repeat++)
        {
            for (var i = 0; i < 60; i++)
            {
                var kept = Batches.Of(start.AddSeconds(i * 60), ("g", i));
                kept.Sequence = i + 1;
                session.Accept(kept);
            }
        }

        fixture.Writer.Run(mayForget: true);
        var response = await QueryAsync(fixture, start);

        var points = response.Series.Single().Points;
        Assert.Equal(Enumerable.Range(0, 12).Select(static i => (i * 5) + 2.0).Append(100), points.Select(static p => p.Value));
    }

    [Fact]
    public async Task Run_AfterTheTimeToKeep_DropsOldWindows()
    {
        await using var fixture = new MetricFixture();
        await fixture.AddHostAsync(Host, "nas");
        var start = fixture.Clock.GetUtcNow();
        using (var session = fixture.Metrics.OpenSession(Host, "nas"))
        {
            Send(session, fixture.Clock, 1);
        }

        fixture.Clock.Advance(TimeSpan.FromDays(29));
        fixture.Writer.Run(mayForget: true);
        Assert.NotEmpty((await QueryAsync(fixture, start)).Series);
        fixture.Clock.Advance(TimeSpan.FromDays(2));
        fixture.Writer.Run(mayForget: true);

        Assert.Empty((await QueryAsync(fixture, start)).Series);
    }

    [Fact]
    public async Task Latest_AfterARestart_ShowsTheNewestRollup()
    {
        var state = Directory.CreateTempSubdirectory("fleet-metrics-").FullName;
        try
        {
            var clock = new FakeTimeProvider();
            var first = new MetricFixture(state, clock);
            await first.AddHostAsync(Host, "nas");
            using (var session = first.Metrics.OpenSession(Host, "nas"))
            {
                Send(session, clock, 1, 7);
            }

            await first.StopAsync();
            await using var second = new MetricFixture(state, clock);
            var latest = await second.Queries.LatestAsync(
                new GetLatestMetricsRequest { Hosts = { "nas" }, Names = { "g" } }, CancellationToken.None);

            Assert.Equal(7, latest.Series.Single().Points.Single().Value);
        }
        finally
        {
            Directory.Delete(state, recursive: true);
        }
    }

    [Fact]
    public async Task Writer_WhenAWindowIsOver_WritesItByItself()
    {
        await using var fixture = new MetricFixture();
        await fixture.AddHostAsync(Host, "nas");
        await fixture.Writer.StartAsync(CancellationToken.None);
        await fixture.Clock.WaitForTimersAsync();
        using (var session = fixture.Metrics.OpenSession(Host, "nas"))
        {
            Send(session, fixture.Clock, 1, 2);
        }

        fixture.Clock.Advance(TimeSpan.FromMinutes(6));

        var newest = await Eventually.GetAsync(
            () => Task.FromResult(fixture.Rollups.NewestWindow(Host)), static window => window is not null, "a written window");
        Assert.Equal(RollupPoint.WindowOf(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds()), newest);
    }

    [Fact]
    public async Task Open_DamagedFile_IsPutAsideAndBegunAnew()
    {
        var state = Directory.CreateTempSubdirectory("fleet-metrics-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(state, StoreEngines.MetricsFileName), "this is no database, and never was one");
            using (RollupStore.Open(new SqliteEngine(Path.Combine(state, StoreEngines.MetricsFileName), isDurable: false), TimeProvider.System, NullLogger.Instance))
            {
            }

            Assert.Single(Directory.GetFiles(state, "metrics.db.damaged-*"));
        }
        finally
        {
            Directory.Delete(state, recursive: true);
        }
    }

    [Fact]
    public void Merge_PartsInAnyOrder_IsTheSameAsAllAtOnce()
    {
        var samples = Gen.ListOf(Gen.Choose(-1_000, 1_000).Zip(Gen.Choose(0, 3)));
        Prop.ForAll(Arb.From(samples), static list =>
        {
            var whole = default(RollupPoint);
            var parts = new RollupPoint[4];
            var at = 0;
            foreach (var (value, part) in list)
            {
                whole.Add(++at, value);
                parts[part].Add(at, value);
            }

            var merged = default(RollupPoint);
            foreach (var part in parts.Reverse())
            {
                merged.Merge(part);
            }

            return whole.Equals(merged);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Read_WhatWasWritten_IsTheSame()
    {
        var entries = Gen.ListOf(Gen.Choose(1, 20_000).Zip(Gen.ListOf(Gen.Choose(-9_999, 9_999))));
        Prop.ForAll(Arb.From(entries), static list =>
        {
            const long Window = 5_884_000;
            var points = new SortedDictionary<int, RollupPoint>();
            foreach (var (number, values) in list)
            {
                var point = default(RollupPoint);
                var at = Window * RollupPoint.WindowSeconds * 1000L;
                foreach (var value in values)
                {
                    point.Add(at += 250, value / 7.0);
                }

                if (point.Count > 0)
                {
                    points[number] = point;
                }
            }

            return RollupBlob.Read(Window, RollupBlob.Write(Window, points)).OrderBy(static p => p.Key).SequenceEqual(points);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Read_DamagedBlob_IsToldAndDoesNotHang()
    {
        var point = default(RollupPoint);
        point.Add(1_000, 3.5);
        var blob = RollupBlob.Write(0, [KeyValuePair.Create(1, point)]);

        Assert.Throws<InvalidDataException>(() => RollupBlob.Read(0, []));
        Assert.Throws<InvalidDataException>(() => RollupBlob.Read(0, [9, .. blob[1..]]));
    }

    private static void Send(IMetricSession session, FakeTimeProvider clock, params ReadOnlySpan<double> values)
    {
        foreach (var value in values)
        {
            clock.Advance(TimeSpan.FromSeconds(10));
            session.Accept(Batches.Of(clock.GetUtcNow(), ("g", value), ("c_total", value)));
        }
    }

    private static Task<QueryMetricsResponse> QueryAsync(MetricFixture fixture, DateTimeOffset from) =>
        fixture.Queries.QueryAsync(
            new QueryMetricsRequest
            {
                Host = "nas",
                Names = { "*" },
                From = from.ToTimestamp(),
                Step = Duration.FromTimeSpan(TimeSpan.FromMinutes(5)),
            },
            CancellationToken.None);
}
