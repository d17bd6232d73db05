using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Metrics;

/// <summary>What <c>fleet top</c> shows for one host, from the newest values of its series. The names are in docs/metrics.md.</summary>
internal sealed class HostReading
{
    public static readonly IReadOnlyList<string> Names =
    [
        "fleet_cpu_seconds_total",
        "fleet_load1",
        "fleet_memory_total_bytes",
        "fleet_memory_available_bytes",
        "fleet_filesystem_size_bytes",
        "fleet_filesystem_free_bytes",
        "fleet_filesystem_available_bytes",
        "fleet_network_received_bytes_total",
        "fleet_network_sent_bytes_total",
    ];

    private readonly List<MetricData> _series;

    public HostReading(IEnumerable<MetricData> series) => _series = [.. series.Where(s => s.Points.Count > 0)];

    public double? Load => Values("fleet_load1").Select(v => (double?)v.Value).FirstOrDefault();

    /// <summary>Share of memory in use, 0 to 1. Memory that the kernel can provide without swapping counts as available.</summary>
    public double? MemoryUsed =>
        Single("fleet_memory_total_bytes") is > 0 and var total && Single("fleet_memory_available_bytes") is { } available
        ? 1 - (available / total)
        : null;

    /// <summary>
    /// The used share of the fullest file system, 0 to 1, and its mount point. Counted as df(1) does: blocks reserved for root are
    /// neither used nor available.
    /// </summary>
    public (double Used, string Mount)? FullestFilesystem
    {
        get
        {
            var available = Values("fleet_filesystem_available_bytes").ToDictionary(v => Mount(v.Labels), v => v.Value);
            var free = Values("fleet_filesystem_free_bytes").ToDictionary(v => Mount(v.Labels), v => v.Value);
            return Values("fleet_filesystem_size_bytes")
                .Where(v => v.Value > 0 && available.ContainsKey(Mount(v.Labels)))
                .Select(v => (Mount: Mount(v.Labels), Used: v.Value - free.GetValueOrDefault(Mount(v.Labels), available[Mount(v.Labels)])))
                .Where(v => v.Used + available[v.Mount] > 0)
                .Select(v => ((double, string)?)(v.Used / (v.Used + available[v.Mount]), v.Mount))
                .MaxBy(v => v?.Item1);
        }
    }

    /// <summary>
    /// Busy share of all processors since an earlier reading, 0 to 1; null without an earlier reading or if the counters have not advanced.
    /// </summary>
    public double? CpuUsed(HostReading? earlier)
    {
        if (earlier is null)
        {
            return null;
        }

        var all = Total("fleet_cpu_seconds_total", _ => true) - earlier.Total("fleet_cpu_seconds_total", _ => true);
        var idle = Total("fleet_cpu_seconds_total", IsIdle) - earlier.Total("fleet_cpu_seconds_total", IsIdle);
        return all > 0 ? Math.Clamp(1 - (idle / all), 0, 1) : null;
    }

    /// <summary>Bytes per second over all interfaces except loopback since an earlier reading.</summary>
    public double? Rate(string name, HostReading? earlier)
    {
        if (earlier is null || At(name) is not { } to || earlier.At(name) is not { } from || to <= from)
        {
            return null;
        }

        var moved = Total(name, IsNotLoopback) - earlier.Total(name, IsNotLoopback);
        return moved >= 0 ? moved / (to - from).TotalSeconds : null;
    }

    /// <summary>When the newest value was collected.</summary>
    public DateTimeOffset? Newest => _series.Count == 0 ? null : _series.Max(s => WireTime.InstantOf(s.Points[^1].At) ?? default);

    private static bool IsIdle(IDictionary<string, string> labels) =>
        labels.TryGetValue("mode", out var mode) && mode is "idle" or "iowait";

    private static bool IsNotLoopback(IDictionary<string, string> labels) =>
        !(labels.TryGetValue("device", out var device) && device == "lo");

    private static string Mount(IDictionary<string, string> labels) => labels.TryGetValue("mount", out var mount) ? mount : "";

    private IEnumerable<(IDictionary<string, string> Labels, double Value, DateTimeOffset At)> Values(string name) =>
        _series.Where(s => s.Series.Name == name).Select(
            s => ((IDictionary<string, string>)s.Series.Labels, s.Points[^1].Value, WireTime.InstantOf(s.Points[^1].At) ?? default));

    private double? Single(string name) => Values(name).Select(v => (double?)v.Value).FirstOrDefault();

    private DateTimeOffset? At(string name) => Values(name).Select(v => (DateTimeOffset?)v.At).FirstOrDefault();

    private double Total(string name, Func<IDictionary<string, string>, bool> which) =>
        Values(name).Where(v => which(v.Labels)).Sum(v => v.Value);
}
