using System.Collections.Concurrent;
using Fleet.Agent.Configuration;
using Fleet.Agent.Metrics;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Metrics;

public class MetricsLoopTests
{
    private readonly SeriesTable _table = new();
    private readonly ConcurrentQueue<Collection> _collected = [];

    [Fact]
    public async Task Collect_OneFailsAndOneHangs_OthersAreNotDelayed()
    {
        var never = new TaskCompletionSource();
        var loop = Loop(
            new Steered("good", (writer, _) => { writer.Add("fleet_good", MetricKind.Gauge, 1); return ValueTask.CompletedTask; }),
            new Steered("bad", (writer, _) => { writer.Add("fleet_bad", MetricKind.Gauge, 2); throw new IOException("no\nsuch file"); }),
            new Steered("stuck", async (_, _) => await never.Task));
        await loop.CollectAsync(TimeSpan.FromSeconds(10), default).WaitAsync(TimeSpan.FromSeconds(60));
        var collected = _collected.ToList();
        Assert.Equal(2, collected.Count);
        Assert.Equal(["fleet_good", "fleet_bad"], collected[0].Numbers.Select(n => _table[n].Name));
        Assert.Equal(("bad", "no\\x0asuch file"), (collected[0].Failures[0].Collector, collected[0].Failures[0].Message));
        Assert.Equal("stuck", Assert.Single(collected[1].Failures).Collector);

        await loop.CollectAsync(TimeSpan.FromSeconds(10), default).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(3, _collected.Count);
        Assert.Contains(_collected.Last().Failures, f => f.Message.Contains("earlier round", StringComparison.Ordinal));
        never.SetResult();
    }

    [Fact]
    public void Writer_KnownSeries_AllocatesNothing()
    {
        var writer = new MetricWriter(_table);
        Write();
        writer.Clear();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Write();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(3, _table.Count);

        void Write()
        {
            writer.Add("fleet_a", MetricKind.Gauge, 1);
            writer.Add("fleet_b", MetricKind.Counter, 2, "device", "sda"u8);
            writer.Add("fleet_b", MetricKind.Counter, 3, "device", "sdb"u8);
        }
    }

    [Fact]
    public void Table_TooManySeries_StopsAtItsBound()
    {
        for (var i = 0; i < SeriesTable.MaxSeries + 10; i++)
        {
            _table.Number("fleet_x", MetricKind.Gauge, "n", BitConverter.GetBytes(i), null, [], null, []);
        }

        Assert.Equal(SeriesTable.MaxSeries, _table.Count);
    }

    private MetricsLoop Loop(params ICollector[] collectors) =>
        new(collectors, _table, () => new AgentOptions(), _collected.Enqueue, TimeProvider.System);

    private sealed class Steered(string name, Func<MetricWriter, CancellationToken, ValueTask> collect) : ICollector
    {
        public string Name => name;

        public TimeSpan DefaultTimeout => TimeSpan.FromMilliseconds(1200);

        public ValueTask CollectAsync(MetricWriter writer, CancellationToken cancellationToken) => collect(writer, cancellationToken);
    }
}
