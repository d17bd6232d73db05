using Fleet.Agent.Host;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Metrics.Collectors;

/// <summary>
/// CPU time per mode over all CPUs, context switches and interrupts, from /proc/stat (proc_stat(5)). guest and guest_nice are
/// left out: the kernel counts them in user and nice, too.
/// </summary>
internal sealed class CpuCollector(HostPaths paths) : ICollector, IDisposable
{
    // USER_HZ; sysconf(_SC_CLK_TCK) has been 100 on every Linux port that .NET runs on.
    private const double TicksPerSecond = 100;

    private static readonly byte[][] Modes =
        [[.. "user"u8], [.. "nice"u8], [.. "system"u8], [.. "idle"u8], [.. "iowait"u8], [.. "irq"u8], [.. "softirq"u8], [.. "steal"u8]];

    private readonly ProcFile _stat = new(paths.Proc("stat"));

    public string Name => "cpu";

    public TimeSpan DefaultTimeout => TimeSpan.FromSeconds(2);

    public ValueTask CollectAsync(MetricWriter writer, CancellationToken cancellationToken)
    {
        Write(_stat.Read(), writer);
        return ValueTask.CompletedTask;
    }

    public void Dispose() => _stat.Dispose();

    internal static void Write(ReadOnlySpan<byte> text, MetricWriter writer)
    {
        var cpus = 0;
        var sawTotal = false;
        foreach (var range in text.Split((byte)'\n'))
        {
            var line = text[range];
            var fields = new FieldReader(line);
            if (!fields.TryNext(out var key))
            {
                continue;
            }

            if (key.SequenceEqual("cpu"u8))
            {
                sawTotal = true;
                foreach (var mode in Modes)
                {
                    writer.Add("fleet_cpu_seconds_total", MetricKind.Counter, fields.NextCounter() / TicksPerSecond, "mode", mode);
                }
            }
            else if (key.StartsWith("cpu"u8))
            {
                cpus++;
            }
            else if (key.SequenceEqual("ctxt"u8))
            {
                writer.Add("fleet_context_switches_total", MetricKind.Counter, fields.NextCounter());
            }
            else if (key.SequenceEqual("intr"u8))
            {
                writer.Add("fleet_interrupts_total", MetricKind.Counter, fields.NextCounter());
            }
        }

        if (!sawTotal)
        {
            throw new FormatException("/proc/stat has no line that starts with \"cpu \"");
        }

        writer.Add("fleet_cpus", MetricKind.Gauge, cpus);
    }
}
