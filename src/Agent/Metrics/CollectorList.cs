using Fleet.Agent.Host;
using Fleet.Agent.Metrics.Collectors;
using Fleet.Agent.Tools;

namespace Fleet.Agent.Metrics;

/// <summary>Every collector that this agent has: one line each.</summary>
internal static class CollectorList
{
    public static IReadOnlyList<ICollector> Create(HostPaths paths, IToolRunner tools, TimeProvider time) =>
    [
        new CpuCollector(paths),
        new LoadCollector(paths),
        new MemoryCollector(paths),
        new PressureCollector(paths),
        new DiskCollector(paths),
        new NetworkCollector(paths),
        new UptimeCollector(paths),
        new ProcessCollector(paths),
        new SystemdCollector(paths, tools, time),
        new ZfsPoolCollector(paths, tools, time),
        new ClockCollector(),
        new OwnCollector(paths),

        // Last, so that the answers they prepared for are there.
        new TemperatureCollector(paths, time),
        new FileSystemCollector(paths, time),
    ];
}
