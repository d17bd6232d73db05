using Fleet.Agent.Host;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Metrics.Collectors;

/// <summary>Whether the kernel's clock is synchronised: <see cref="KernelClock"/>.</summary>
internal sealed class ClockCollector : ICollector
{
    public string Name => "clock";

    public TimeSpan DefaultTimeout => TimeSpan.FromSeconds(2);

    public ValueTask CollectAsync(MetricWriter writer, CancellationToken cancellationToken)
    {
        var clock = KernelClock.Read();
        writer.Add("fleet_clock_synchronised", MetricKind.Gauge, clock.IsSynchronised ? 1 : 0);
        writer.Add("fleet_clock_max_error_seconds", MetricKind.Gauge, clock.MaxErrorSeconds);
        writer.Add("fleet_clock_offset_seconds", MetricKind.Gauge, clock.OffsetSeconds);
        return ValueTask.CompletedTask;
    }
}
