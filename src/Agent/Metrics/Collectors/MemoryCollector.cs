using Fleet.Agent.Host;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Metrics.Collectors;

/// <summary>
/// Memory and swap, from /proc/meminfo and /proc/vmstat (proc_meminfo(5), proc_vmstat(5)). meminfo counts in units of 1,024
/// bytes, vmstat in pages.
/// </summary>
internal sealed class MemoryCollector(HostPaths paths) : ICollector, IDisposable
{
    private readonly ProcFile _meminfo = new(paths.Proc("meminfo"));
    private readonly ProcFile _vmstat = new(paths.Proc("vmstat"));

    public string Name => "memory";

    public TimeSpan DefaultTimeout => TimeSpan.FromSeconds(2);

    public ValueTask CollectAsync(MetricWriter writer, CancellationToken cancellationToken)
    {
        WriteMemory(_meminfo.Read(), writer);
        WritePaging(_vmstat.Read(), writer);
        return ValueTask.CompletedTask;
    }

    public void Dispose()
    {
        _meminfo.Dispose();
        _vmstat.Dispose();
    }

    internal static void WriteMemory(ReadOnlySpan<byte> text, MetricWriter writer)
    {
        var found = 0;
        foreach (var range in text.Split((byte)'\n'))
        {
            var fields = new FieldReader(text[range]);
            if (!fields.TryNext(out var key) || MemoryMetric(key) is not { } name)
            {
                continue;
            }

            found++;
            var kibibytes = fields.NextInteger();
            if (!fields.Next().SequenceEqual("kB"u8))
            {
                throw fields.NotUnderstood();
            }

            writer.Add(name, MetricKind.Gauge, kibibytes * 1024d);
        }

        if (found < 3)
        {
            throw new FormatException($"/proc/meminfo: only {found} of its known lines were found");
        }
    }

    internal static void WritePaging(ReadOnlySpan<byte> text, MetricWriter writer)
    {
        foreach (var range in text.Split((byte)'\n'))
        {
            var fields = new FieldReader(text[range]);
            if (fields.TryNext(out var key) && PagingMetric(key) is { } name)
            {
                var count = fields.NextCounter();
                writer.Add(name, MetricKind.Counter,
                    name.EndsWith("_bytes_total", StringComparison.Ordinal) ? count * Environment.SystemPageSize : count);
            }
        }
    }

    private static string? MemoryMetric(ReadOnlySpan<byte> key) => key switch
    {
        _ when key.SequenceEqual("MemTotal:"u8) => "fleet_memory_total_bytes",
        _ when key.SequenceEqual("MemFree:"u8) => "fleet_memory_free_bytes",
        _ when key.SequenceEqual("MemAvailable:"u8) => "fleet_memory_available_bytes",
        _ when key.SequenceEqual("Buffers:"u8) => "fleet_memory_buffers_bytes",
        _ when key.SequenceEqual("Cached:"u8) => "fleet_memory_cached_bytes",
        _ when key.SequenceEqual("Dirty:"u8) => "fleet_memory_dirty_bytes",
        _ when key.SequenceEqual("SwapTotal:"u8) => "fleet_swap_total_bytes",
        _ when key.SequenceEqual("SwapFree:"u8) => "fleet_swap_free_bytes",
        _ => null,
    };

    private static string? PagingMetric(ReadOnlySpan<byte> key) => key switch
    {
        _ when key.SequenceEqual("pswpin"u8) => "fleet_swap_in_bytes_total",
        _ when key.SequenceEqual("pswpout"u8) => "fleet_swap_out_bytes_total",
        _ when key.SequenceEqual("pgmajfault"u8) => "fleet_major_page_faults_total",
        _ when key.SequenceEqual("oom_kill"u8) => "fleet_out_of_memory_kills_total",
        _ => null,
    };
}
