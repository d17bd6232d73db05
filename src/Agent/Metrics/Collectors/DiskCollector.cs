using Fleet.Agent.Host;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Metrics.Collectors;

/// <summary>
/// Disk I/O, from /proc/diskstats (the kernel's Documentation/admin-guide/iostats.rst). Whole disks only: partitions are those
/// that /sys/class/block/NAME/partition exists for. Sectors in this file are always 512 bytes.
/// </summary>
internal sealed class DiskCollector(HostPaths paths) : ICollector, IDisposable
{
    private const double SectorBytes = 512;

    private readonly ProcFile _diskstats = new(paths.Proc("diskstats"));
    private readonly Dictionary<long, (byte[] Device, bool IsWhole)> _known = [];

    public string Name => "disks";

    public TimeSpan DefaultTimeout => TimeSpan.FromSeconds(2);

    public ValueTask CollectAsync(MetricWriter writer, CancellationToken cancellationToken)
    {
        Write(_diskstats.Read(), writer);
        return ValueTask.CompletedTask;
    }

    public void Dispose() => _diskstats.Dispose();

    internal void Write(ReadOnlySpan<byte> text, MetricWriter writer)
    {
        foreach (var range in text.Split((byte)'\n'))
        {
            var fields = new FieldReader(text[range]);
            if (!fields.TryNext(out var major))
            {
                continue;
            }

            var number = (Number(major, fields) << 20) | fields.NextInteger();
            var device = fields.Next();
            if (!IsWholeDisk(number, device))
            {
                continue;
            }

            var reads = fields.NextCounter();
            fields.Skip(1);
            var sectorsRead = fields.NextCounter();
            var readMilliseconds = fields.NextCounter();
            var writes = fields.NextCounter();
            fields.Skip(1);
            var sectorsWritten = fields.NextCounter();
            var writeMilliseconds = fields.NextCounter();
            fields.Skip(1);
            var busyMilliseconds = fields.NextCounter();
            var weightedMilliseconds = fields.NextCounter();
            if (reads + writes == 0)
            {
                // Empty loop and ram devices: dozens on some hosts, and never of interest.
                continue;
            }

            writer.Add("fleet_disk_reads_total", MetricKind.Counter, reads, "device", device);
            writer.Add("fleet_disk_read_bytes_total", MetricKind.Counter, sectorsRead * SectorBytes, "device", device);
            writer.Add("fleet_disk_read_seconds_total", MetricKind.Counter, readMilliseconds / 1e3, "device", device);
            writer.Add("fleet_disk_writes_total", MetricKind.Counter, writes, "device", device);
            writer.Add("fleet_disk_written_bytes_total", MetricKind.Counter, sectorsWritten * SectorBytes, "device", device);
            writer.Add("fleet_disk_write_seconds_total", MetricKind.Counter, writeMilliseconds / 1e3, "device", device);
            writer.Add("fleet_disk_busy_seconds_total", MetricKind.Counter, busyMilliseconds / 1e3, "device", device);
            writer.Add("fleet_disk_weighted_busy_seconds_total", MetricKind.Counter, weightedMilliseconds / 1e3, "device", device);
        }
    }

    private static long Number(ReadOnlySpan<byte> field, FieldReader line) =>
        System.Buffers.Text.Utf8Parser.TryParse(field, out long value, out _) ? value : throw line.NotUnderstood();

    private bool IsWholeDisk(long number, ReadOnlySpan<byte> device)
    {
        // NVMe disks and their partitions share one range of numbers: after a disk was changed a number may mean the other kind.
        if (_known.TryGetValue(number, out var known) && device.SequenceEqual(known.Device))
        {
            return known.IsWhole;
        }

        // In /sys a '/' of the name, as in cciss/c0d0, is a '!'.
        var name = System.Text.Encoding.UTF8.GetString(device).Replace('/', '!');
        var whole = !File.Exists(paths.Sys($"class/block/{name}/partition"));
        _known[number] = (device.ToArray(), whole);
        return whole;
    }
}
