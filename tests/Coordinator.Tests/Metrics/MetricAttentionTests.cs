using Fleet.Coordinator.Metrics;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.Tests.Metrics;

public sealed class MetricAttentionTests
{
    private const string Host = "5b4b6fca-0000-4000-8000-000000000001";

    [Fact]
    public async Task Collect_FullHungAndFailed_AreToldOnceWithTheirBeginning()
    {
        await using var fixture = new MetricFixture();
        await fixture.AddHostAsync(Host, "nas");
        var attention = new MetricAttention(fixture.Store, fixture.Metrics, fixture.Clock);
        using var session = fixture.Metrics.OpenSession(Host, "nas");
        var began = fixture.Clock.GetUtcNow();
        for (var i = 0; i < 2; i++)
        {
            session.Accept(Batch(fixture.Clock.GetUtcNow()));
            var found = await attention.CollectAsync(CancellationToken.None);

            Assert.Equal(
                [
                    ("filesystem_full", AttentionSeverity.Critical),
                    ("mount_hung", AttentionSeverity.Critical),
                    ("systemd_unit_failed", AttentionSeverity.Warning),
                ],
                found.Select(static a => (a.Code, a.Severity)).Order());
            Assert.All(found, a => Assert.Equal(began.ToTimestamp(), a.Since));
            fixture.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        fixture.Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Empty(await attention.CollectAsync(CancellationToken.None));
    }

    private static MetricBatch Batch(DateTimeOffset at)
    {
        var batch = new MetricBatch { CollectedAt = at.ToTimestamp() };
        Add("fleet_filesystem_size_bytes", 1_000, ("mount", "/data"));
        Add("fleet_filesystem_available_bytes", 20, ("mount", "/data"));
        Add("fleet_filesystem_size_bytes", 1_000, ("mount", "/snap/core"));
        Add("fleet_filesystem_available_bytes", 0, ("mount", "/snap/core"));

        // 52 % are reserved for root: it is no more than 83 % full, as df(1) has it.
        Add("fleet_filesystem_size_bytes", 1_000, ("mount", "/reserved"));
        Add("fleet_filesystem_free_bytes", 600, ("mount", "/reserved"));
        Add("fleet_filesystem_available_bytes", 80, ("mount", "/reserved"));
        Add("fleet_filesystem_read_only", 1, ("mount", "/snap/core"));
        Add("fleet_filesystem_hung", 1, ("mount", "/nfs"));
        Add("fleet_filesystem_hung", 0, ("mount", "/data"));
        Add("fleet_systemd_unit_failed", 1, ("unit", "smartd.service"));
        return batch;

        void Add(string name, double value, (string Name, string Value) label)
        {
            var number = (uint)batch.Series.Count + 1;
            batch.Definitions.Add(Batches.Definition(number, name, label));
            batch.Series.Add(number);
            batch.Values.Add(value);
        }
    }
}
