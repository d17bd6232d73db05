using Fleet.LoadGenerator.Flood;

namespace Fleet.Coordinator.Tests.Flood;

/// <summary>
/// The program itself under everything that one host, or a stranger, can throw at it. Alone: limits of time are part of it.
/// </summary>
[Collection(nameof(FloodAlone))]
public sealed class FloodTests
{
    private const long MostBytes = 500L * 1024 * 1024;
    private const long MostDatabaseBytes = 100L * 1024 * 1024;
    private const int MostLogLines = 400;

    /// <summary>The aim is a second, on a machine that does nothing else. Without limits it was minutes.</summary>
    private static readonly TimeSpan LongestCommit = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task EveryWayOfFlooding_LeavesMemoryDiskAndLogBounded_AndResultsOfOthersCommit()
    {
        var program = Path.Combine(AppContext.BaseDirectory, "fleet-coordinator");

        var figures = await new FloodRun(FloodOptions.Short(program)).RunAsync();

        Assert.All(figures, way =>
        {
            Assert.True(way.PeakBytes < MostBytes, way.ToString());
            Assert.True(way.DatabaseBytes < MostDatabaseBytes, way.ToString());
            Assert.True(way.LogLines < MostLogLines, way.ToString());
            Assert.True(way.Latencies.Count > 0 && way.Quantile(0.99) < LongestCommit, way.ToString());
        });
    }
}
