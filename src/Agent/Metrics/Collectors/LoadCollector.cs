using Fleet.Agent.Host;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Metrics.Collectors;

/// <summary>Load averages, from /proc/loadavg (proc_loadavg(5)).</summary>
internal sealed class LoadCollector(HostPaths paths) : ICollector, IDisposable
{
    private readonly ProcFile _loadavg = new(paths.Proc("loadavg"));

    public string Name => "load";

    public TimeSpan DefaultTimeout => TimeSpan.FromSeconds(2);

    public ValueTask CollectAsync(MetricWriter writer, CancellationToken cancellationToken)
    {
        Write(_loadavg.Read(), writer);
        return ValueTask.CompletedTask;
    }

    public void Dispose() => _loadavg.Dispose();

    internal static void Write(ReadOnlySpan<byte> text, MetricWriter writer)
    {
        var fields = new FieldReader(text.TrimEnd((byte)'\n'));
        writer.Add("fleet_load1", MetricKind.Gauge, fields.NextNumber());
        writer.Add("fleet_load5", MetricKind.Gauge, fields.NextNumber());
        writer.Add("fleet_load15", MetricKind.Gauge, fields.NextNumber());
    }
}
