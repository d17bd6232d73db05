using Fleet.Agent.Host;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Metrics.Collectors;

/// <summary>What the agent itself uses, from /proc/self.</summary>
internal sealed class OwnCollector(HostPaths paths) : ICollector, IDisposable
{
    private readonly ProcFile _statm = new(paths.Proc("self/statm"));

    public string Name => "agent";

    public TimeSpan DefaultTimeout => TimeSpan.FromSeconds(2);

    public ValueTask CollectAsync(MetricWriter writer, CancellationToken cancellationToken)
    {
        // proc_pid_statm(5): size, resident, shared, in pages.
        var fields = new FieldReader(_statm.Read().TrimEnd((byte)'\n'));
        fields.Skip(1);
        writer.Add("fleet_agent_resident_bytes", MetricKind.Gauge, fields.NextInteger() * (double)Environment.SystemPageSize);
        var usage = Environment.CpuUsage;
        writer.Add("fleet_agent_cpu_seconds_total", MetricKind.Counter, usage.TotalTime.TotalSeconds);
        return ValueTask.CompletedTask;
    }

    public void Dispose() => _statm.Dispose();
}
