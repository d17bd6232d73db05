using Fleet.Agent.Host;
using Fleet.Agent.Metrics.Clock;
using Fleet.Agent.Metrics.Cpu;
using Fleet.Agent.Metrics.Disks;
using Fleet.Agent.Metrics.FileSystems;
using Fleet.Agent.Metrics.Load;
using Fleet.Agent.Metrics.Memory;
using Fleet.Agent.Metrics.Network;
using Fleet.Agent.Metrics.Own;
using Fleet.Agent.Metrics.Pressure;
using Fleet.Agent.Metrics.Processes;
using Fleet.Agent.Metrics.Systemd;
using Fleet.Agent.Metrics.Temperatures;
using Fleet.Agent.Metrics.Uptime;
using Fleet.Agent.Metrics.Zfs;
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
