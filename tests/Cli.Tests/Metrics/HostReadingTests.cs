using Fleet.Cli.Metrics;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Cli.Tests.Metrics;

public sealed class HostReadingTests
{
    [Fact]
    public void FullestFilesystem_CountsAsDfDoes()
    {
        // df(1) of an ext4 of 1,000 with 630 reserved for root and 70 used: 19 %.
        var reading = new HostReading(
        [
            Series("fleet_filesystem_size_bytes", 1_000),
            Series("fleet_filesystem_free_bytes", 930),
            Series("fleet_filesystem_available_bytes", 300),
        ]);

        Assert.Equal(70.0 / 370, reading.FullestFilesystem!.Value.Used, precision: 6);
    }

    private static MetricData Series(string name, double value)
    {
        var series = new MetricData { Series = new MetricSeries { Name = name, Labels = { ["mount"] = "/" } } };
        series.Points.Add(new MetricPoint { At = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch), Value = value });
        return series;
    }
}
