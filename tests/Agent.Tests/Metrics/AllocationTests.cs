using Fleet.Agent.Host;
using Fleet.Agent.Metrics;
using Fleet.Agent.Tools;

namespace Fleet.Agent.Tests.Metrics;

/// <summary>
/// A collector runs every ten seconds for years: once it has seen its series it must leave nothing to the garbage collector.
/// </summary>
public class AllocationTests
{
    private const int Rounds = 50;

    [Theory]
    [InlineData("cpu", 0)]
    [InlineData("load", 0)]
    [InlineData("memory", 0)]
    [InlineData("pressure", 0)]
    [InlineData("disks", 0)]
    [InlineData("network", 0)]
    [InlineData("uptime", 0)]
    [InlineData("processes", 0)]
    [InlineData("temperatures", 64)]
    [InlineData("clock", 0)]
    [InlineData("agent", 0)]
    public void Collect_SteadyState_AllocatesAtMost(string name, int bytesPerRound)
    {
        var collector = CollectorList
            .Create(new HostPaths(), new ToolRunner(TimeProvider.System), TimeProvider.System)
            .Single(c => c.Name == name);
        var writer = new MetricWriter(new SeriesTable());
        Round(collector, writer, 10);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Round(collector, writer, Rounds);
        var perRound = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Rounds;
        (collector as IDisposable)?.Dispose();
        Assert.True(perRound <= bytesPerRound, $"{name}: {perRound} bytes in each round");
    }

    private static void Round(ICollector collector, MetricWriter writer, int rounds)
    {
        for (var i = 0; i < rounds; i++)
        {
            writer.Clear();
            var done = collector.CollectAsync(writer, CancellationToken.None);
            Assert.True(done.IsCompletedSuccessfully);
        }
    }
}
