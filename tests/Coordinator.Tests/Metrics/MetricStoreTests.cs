using Fleet.Coordinator.Metrics;
using Fleet.MetricBench;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.Tests.Metrics;

public sealed class MetricStoreTests
{
    private const string Host = "5b4b6fca-0000-4000-8000-000000000001";
    private static readonly Func<string, bool> All = static _ => true;

    [Fact]
    public async Task Accept_TwoHoursEveryTenSeconds_KeepsTheLastHourExactly()
    {
        await using var fixture = new MetricFixture();
        using var session = fixture.Metrics.OpenSession(Host, "nas");
        var sent = new List<(long At, double Value)>();
        for (var i = 0; i < 720; i++)
        {
            fixture.Clock.Advance(TimeSpan.FromSeconds(10));
            var value = Math.Sin(i) * 1_000;
            session.Accept(Batches.Of(fixture.Clock.GetUtcNow(), ("fleet_load1", value)));
            sent.Add((fixture.Clock.GetUtcNow().ToUnixTimeMilliseconds(), value));
            if (i % 30 == 0)
            {
                fixture.Metrics.Forget();
            }
        }

        fixture.Metrics.Forget();
        var from = fixture.Clock.GetUtcNow().AddHours(-1).ToUnixTimeMilliseconds();
        var kept = fixture.Metrics.Find(Host)!.Read(All, 0, long.MaxValue, int.MaxValue).Values.Single();
        Assert.Equal(sent.Where(s => s.At >= from), kept.Where(s => s.At >= from));
        Assert.InRange(kept.Count, 360, 360 + SampleCoding.BlockLength);
    }

    [Fact]
    public async Task Accept_MoreSeriesThanAllowed_RefusesTheRestAndTellsIt()
    {
        await using var fixture = new MetricFixture(budget: new MetricBudget(perHost: 2, total: 3));
        using var first = fixture.Metrics.OpenSession(Host, "nas");
        using var second = fixture.Metrics.OpenSession("5b4b6fca-0000-4000-8000-000000000002", "pve");

        first.Accept(Batches.Of(fixture.Clock.GetUtcNow(), ("a", 1), ("b", 2), ("c", 3)));
        second.Accept(Batches.Of(fixture.Clock.GetUtcNow(), ("a", 1), ("b", 2)));

        Assert.Equal(2, fixture.Metrics.Find(Host)!.SeriesCount);
        Assert.Equal(3, fixture.Metrics.SeriesCount);
        await fixture.Store.WriteAsync(static _ => { }); // Behind the event in the queue.
        Assert.Equal(
            2,
            await fixture.Store.ReadAsync(
                static reader => reader.Number("SELECT count(*) FROM events WHERE type = 'metrics.series_refused'")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1abc")]
    [InlineData("with space")]
    [InlineData("evil\n# TYPE x counter")]
    public async Task Accept_NameThatBreaksTheRules_IsRefused(string name)
    {
        await using var fixture = new MetricFixture();
        using var session = fixture.Metrics.OpenSession(Host, "nas");

        session.Accept(Batches.Of(fixture.Clock.GetUtcNow(), (name, 1), ("good", 2)));

        Assert.Equal("good", fixture.Metrics.Find(Host)!.Newest(All).Single().Key.Name);
    }

    [Fact]
    public async Task Accept_HostileBatches_TakesWhatIsSoundAndNeverThrows()
    {
        await using var fixture = new MetricFixture();
        using var session = fixture.Metrics.OpenSession(Host, "nas");
        var now = fixture.Clock.GetUtcNow();
        var hostile = new MetricBatch
        {
            CollectedAt = new Timestamp { Seconds = long.MaxValue, Nanos = -5 },
            DroppedBatches = -7,
        };
        hostile.Definitions.Add(
            new SeriesDefinition
            {
                Number = uint.MaxValue,
                Series = new MetricSeries { Name = "x", Kind = MetricKind.Gauge },
            });
        hostile.Definitions.Add(new SeriesDefinition { Number = 0 });
        hostile.Definitions.Add(Batches.Definition(99_999, "a", ("path", new string('x', 100_000))));
        hostile.Series.AddRange([0u, 1u, uint.MaxValue, 99_999u]);
        hostile.Values.AddRange([1.0, 2.0]);

        session.Accept(hostile);
        session.Accept(new MetricBatch());
        session.Accept(Batches.Of(now.AddYears(50), ("future", 1)));
        session.Accept(Batches.Of(DateTimeOffset.UnixEpoch, ("past", 1)));

        Assert.All(fixture.Metrics.Find(Host)!.Newest(All), sample =>
            Assert.InRange(sample.At, now.ToUnixTimeMilliseconds() - 1, now.ToUnixTimeMilliseconds() + 1));
        Assert.Equal(0, fixture.Metrics.Find(Host)!.DroppedBatches);
    }

    [Fact]
    public async Task Forget_SeriesThatEnded_FreesItsPlaceAndTakesItBackWhenItComesAgain()
    {
        await using var fixture = new MetricFixture();
        using var session = fixture.Metrics.OpenSession(Host, "nas");
        session.Accept(Batches.Of(fixture.Clock.GetUtcNow(), ("gone", 1)));
        fixture.Clock.Advance(TimeSpan.FromHours(2));
        fixture.Writer.Run(mayForget: true);
        fixture.Writer.Run(mayForget: true);
        Assert.Equal(0, fixture.Metrics.SeriesCount);

        session.Accept(new MetricBatch { CollectedAt = fixture.Clock.GetUtcNow().ToTimestamp(), Series = { 1 }, Values = { 5 } });

        Assert.Equal(5, fixture.Metrics.Find(Host)!.Newest(All).Single().Value);
    }

    [Fact]
    public void Size_OfAnHourOfAHost_IsBelowThreeBytesForEachSample()
    {
        var (bytes, samples) = HourOfMetrics.Of(Host, 7, new MetricBudget()).Size();

        Assert.Equal(36_000, samples);
        Assert.InRange((double)bytes / samples, 0.1, 3.0);
    }
}
