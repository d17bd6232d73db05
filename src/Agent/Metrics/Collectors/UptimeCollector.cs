using Fleet.Agent.Host;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Metrics.Collectors;

/// <summary>
/// Time since boot and the instant of the boot, from /proc/uptime and btime of /proc/stat. A boot shows as a change of the
/// latter by more than a clock's step; the session's boot id tells it exactly.
/// </summary>
internal sealed class UptimeCollector(HostPaths paths) : ICollector, IDisposable
{
    private readonly ProcFile _uptime = new(paths.Proc("uptime"));
    private readonly ProcFile _stat = new(paths.Proc("stat"));

    public string Name => "uptime";

    public TimeSpan DefaultTimeout => TimeSpan.FromSeconds(2);

    public ValueTask CollectAsync(MetricWriter writer, CancellationToken cancellationToken)
    {
        WriteUptime(_uptime.Read(), writer);
        WriteBootTime(_stat.Read(), writer);
        return ValueTask.CompletedTask;
    }

    public void Dispose()
    {
        _uptime.Dispose();
        _stat.Dispose();
    }

    internal static void WriteUptime(ReadOnlySpan<byte> text, MetricWriter writer) =>
        writer.Add("fleet_uptime_seconds", MetricKind.Gauge, new FieldReader(text.TrimEnd((byte)'\n')).NextNumber());

    internal static void WriteBootTime(ReadOnlySpan<byte> text, MetricWriter writer)
    {
        foreach (var range in text.Split((byte)'\n'))
        {
            if (text[range].StartsWith("btime "u8))
            {
                var fields = new FieldReader(text[range]);
                fields.Skip(1);
                writer.Add("fleet_boot_timestamp_seconds", MetricKind.Gauge, fields.NextInteger());
                return;
            }
        }

        throw new FormatException("/proc/stat has no line that starts with \"btime \"");
    }
}
