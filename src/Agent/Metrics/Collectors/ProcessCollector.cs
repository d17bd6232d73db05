using System.Buffers.Text;
using Fleet.Agent.Host;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Metrics.Collectors;

/// <summary>
/// How many processes run, wait for I/O and were started, from /proc/stat, and how many threads there are, from /proc/loadavg.
/// Cheap on purpose: walking through /proc costs a file per process. procs_blocked is what a hung mount shows in.
/// </summary>
internal sealed class ProcessCollector(HostPaths paths) : ICollector, IDisposable
{
    private readonly ProcFile _stat = new(paths.Proc("stat"));
    private readonly ProcFile _loadavg = new(paths.Proc("loadavg"));

    public string Name => "processes";

    public TimeSpan DefaultTimeout => TimeSpan.FromSeconds(2);

    public ValueTask CollectAsync(MetricWriter writer, CancellationToken cancellationToken)
    {
        WriteStat(_stat.Read(), writer);
        WriteThreads(_loadavg.Read(), writer);
        return ValueTask.CompletedTask;
    }

    public void Dispose()
    {
        _stat.Dispose();
        _loadavg.Dispose();
    }

    internal static void WriteStat(ReadOnlySpan<byte> text, MetricWriter writer)
    {
        var found = 0;
        foreach (var range in text.Split((byte)'\n'))
        {
            var fields = new FieldReader(text[range]);
            if (!fields.TryNext(out var key))
            {
                continue;
            }

            if (key.SequenceEqual("processes"u8))
            {
                found++;
                writer.Add("fleet_processes_started_total", MetricKind.Counter, fields.NextCounter());
            }
            else if (key.SequenceEqual("procs_running"u8))
            {
                found++;
                writer.Add("fleet_processes_running", MetricKind.Gauge, fields.NextInteger());
            }
            else if (key.SequenceEqual("procs_blocked"u8))
            {
                found++;
                writer.Add("fleet_processes_blocked", MetricKind.Gauge, fields.NextInteger());
            }
        }

        if (found != 3)
        {
            throw new FormatException("/proc/stat lacks one of processes, procs_running and procs_blocked");
        }
    }

    // 0.20 0.18 0.12 1/80 11206: the fourth field is runnable/existing scheduling entities.
    internal static void WriteThreads(ReadOnlySpan<byte> text, MetricWriter writer)
    {
        var fields = new FieldReader(text.TrimEnd((byte)'\n'));
        fields.Skip(3);
        var entities = fields.Next();
        var slash = entities.IndexOf((byte)'/');
        if (slash < 0
            || !Utf8Parser.TryParse(entities[(slash + 1)..], out long threads, out var used)
            || slash + 1 + used != entities.Length)
        {
            throw fields.NotUnderstood();
        }

        writer.Add("fleet_threads", MetricKind.Gauge, threads);
    }
}
