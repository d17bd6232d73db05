using Fleet.Coordinator.Metrics;
using Fleet.Coordinator.State.Metrics;
using Fleet.Protocol.V1;

namespace Fleet.MetricBench;

/// <summary>An hour of a hundred series of the kinds that a host has, every ten seconds and a bit.</summary>
internal static class HourOfMetrics
{
    public const int Series = 100;
    public const int Collections = 360;

    /// <summary>A host in memory that has sent them.</summary>
    /// <param name="seed">The same seed makes the same values.</param>
    public static HostMetrics Of(string hostId, int seed, MetricBudget budget)
    {
        var random = new Random(seed);
        var at = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();
        var host = new HostMetrics(hostId, hostId, budget);
        var values = new double[Series];
        var slots = new SeriesState?[Series];
        for (var i = 0; i < Series; i++)
        {
            slots[i] = host.Find(SeriesKey.From(new MetricSeries { Name = $"s{i}", Kind = MetricKind.Gauge })!);
            values[i] = i * 1_000_003.0;
        }

        for (var collection = 0; collection < Collections; collection++)
        {
            at += 10_000 + random.Next(-3, 3);
            for (var i = 0; i < Series; i++)
            {
                values[i] += Step(i, random);
            }

            host.Add(new MetricBatch(), at, [.. values.Select(static (value, slot) => (slot, value))], slots);
        }

        return host;
    }

    private static double Step(int series, Random random) => (series % 10) switch
    {
        0 or 1 or 2 => 0, // Sizes, counts of units, boot times.
        3 or 4 => random.Next(0, 100) / 100.0, // CPU seconds.
        5 => random.Next(0, 3_000_000), // Bytes of network and disks.
        6 => random.Next(0, 40), // Operations.
        7 => random.Next(-500, 500) * 4_096, // Memory.
        8 => random.Next(-2, 3), // Processes.
        _ => random.NextDouble() - 0.5, // Computed ratios: every bit is noise.
    };
}
