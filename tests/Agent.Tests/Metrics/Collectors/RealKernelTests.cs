using Fleet.Agent.Host;
using Fleet.Agent.Metrics;
using Fleet.Agent.Metrics.Collectors;
using Fleet.Agent.Tools;

namespace Fleet.Agent.Tests.Metrics.Collectors;

/// <summary>Every collector on the machine that the tests run on.</summary>
public class RealKernelTests
{
    [Fact]
    public async Task AllCollectors_RealMachine_NoFailureNoSeriesTwiceOnlyFiniteValues()
    {
        foreach (var collector in CollectorList.Create(new HostPaths(), new ToolRunner(TimeProvider.System), TimeProvider.System))
        {
            using var disposable = collector as IDisposable;
            var got = await new Gathered().CollectAsync(collector);
            await got.CollectAsync(collector);
            Assert.All(got.Values, v => Assert.True(double.IsFinite(v.Value), $"{collector.Name}: {v}"));
            Assert.All(got.Series, s =>
                Assert.Equal(
                    s.Name.EndsWith("_total", StringComparison.Ordinal) ? Protocol.V1.MetricKind.Counter : Protocol.V1.MetricKind.Gauge,
                    s.Kind));
            Assert.All(got.Series, s => Assert.Matches("^fleet_[a-z0-9_]+$", s.Name));
        }
    }

    [Fact]
    public async Task Clock_RealKernel_SaneBounds()
    {
        var got = await Gathered.FromAsync(new ClockCollector());
        Assert.True(got["fleet_clock_synchronised"] is 0 or 1);

        // The kernel holds maxerror below 16 s (NTP_PHASE_LIMIT) and the offset below half a second (MAXPHASE).
        Assert.InRange(got["fleet_clock_max_error_seconds"], 0, 16);
        Assert.InRange(got["fleet_clock_offset_seconds"], -0.5, 0.5);
    }

    [Fact]
    public async Task Uptime_RealKernel_BootPlusUptimeIsNow()
    {
        var got = await Gathered.FromAsync(new UptimeCollector(new HostPaths()));
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        Assert.InRange(got["fleet_boot_timestamp_seconds"] + got["fleet_uptime_seconds"], now - 5, now + 5);
    }
}
