using Fleet.Agent.Host;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Metrics.Collectors;

/// <summary>
/// Network interfaces, from /proc/net/dev (proc_pid_net(5)). The loopback and the host's ends of containers and virtual
/// machines (veth, tap, vnet, fwbr, fwpr, fwln) are left out: they come and go by the hundred.
/// </summary>
internal sealed class NetworkCollector(HostPaths paths) : ICollector, IDisposable
{
    private readonly ProcFile _dev = new(paths.Proc("net/dev"));

    public string Name => "network";

    public TimeSpan DefaultTimeout => TimeSpan.FromSeconds(2);

    public ValueTask CollectAsync(MetricWriter writer, CancellationToken cancellationToken)
    {
        Write(_dev.Read(), writer);
        return ValueTask.CompletedTask;
    }

    public void Dispose() => _dev.Dispose();

    internal static void Write(ReadOnlySpan<byte> text, MetricWriter writer)
    {
        var lines = 0;
        var interfaces = 0;
        Span<double> counters = stackalloc double[16];
        foreach (var range in text.Split((byte)'\n'))
        {
            // Two lines of headings, then "  eth0: 1 2 3", where older kernels leave no blank after the colon.
            var line = text[range];
            var colon = line.IndexOf((byte)':');
            if (lines++ < 2 || line.IsEmpty)
            {
                continue;
            }

            if (colon < 0)
            {
                throw new FieldReader(line).NotUnderstood();
            }

            interfaces++;

            var device = line[..colon].TrimStart((byte)' ');
            if (IsLeftOut(device))
            {
                continue;
            }

            var fields = new FieldReader(line);
            fields.SkipPast((byte)':');
            foreach (ref var counter in counters)
            {
                counter = fields.NextCounter();
            }

            writer.Add("fleet_network_received_bytes_total", MetricKind.Counter, counters[0], "device", device);
            writer.Add("fleet_network_received_packets_total", MetricKind.Counter, counters[1], "device", device);
            writer.Add("fleet_network_receive_errors_total", MetricKind.Counter, counters[2], "device", device);
            writer.Add("fleet_network_receive_dropped_total", MetricKind.Counter, counters[3], "device", device);
            writer.Add("fleet_network_sent_bytes_total", MetricKind.Counter, counters[8], "device", device);
            writer.Add("fleet_network_sent_packets_total", MetricKind.Counter, counters[9], "device", device);
            writer.Add("fleet_network_send_errors_total", MetricKind.Counter, counters[10], "device", device);
            writer.Add("fleet_network_send_dropped_total", MetricKind.Counter, counters[11], "device", device);
        }

        if (interfaces == 0)
        {
            throw new FormatException("/proc/net/dev has no interface");
        }
    }

    private static bool IsLeftOut(ReadOnlySpan<byte> device) =>
        device.SequenceEqual("lo"u8) || device.StartsWith("veth"u8) || device.StartsWith("tap"u8) || device.StartsWith("vnet"u8)
        || device.StartsWith("fwbr"u8) || device.StartsWith("fwpr"u8) || device.StartsWith("fwln"u8);
}
