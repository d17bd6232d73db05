using System.Collections.Concurrent;
using System.Text;
using Fleet.Agent.Host;
using Fleet.Agent.Tools;
using Fleet.Agent.Zfs;
using Fleet.Agent.Zfs.Pool;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Metrics.Collectors;

/// <summary>
/// How pools are, from zpool-list(8) and zpool-status(8), which answer from memory. Asked once a minute; in between the last answer is
/// repeated. A pool that does not answer costs the others nothing. Where the kernel's part of ZFS is not loaded there is no pool.
/// </summary>
internal sealed class ZfsPoolCollector(HostPaths paths, IToolRunner tools, TimeProvider time) : ICollector
{
    private static readonly TimeSpan AskInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ToolTimeout = TimeSpan.FromSeconds(10);
    private static readonly ZfsHealth[] Healths =
        [ZfsHealth.Online, ZfsHealth.Degraded, ZfsHealth.Faulted, ZfsHealth.Offline, ZfsHealth.Removed, ZfsHealth.Unavailable,
            ZfsHealth.Suspended];

    private readonly ZfsQuery _query = new(tools, time, new ConcurrentDictionary<string, byte>());
    private IReadOnlyList<(ZfsPool Pool, ZfsPoolStatus? Status)> _pools = [];
    private long? _askedAt;

    public string Name => "zfs";

    public TimeSpan DefaultTimeout => TimeSpan.FromSeconds(30);

    public async ValueTask CollectAsync(MetricWriter writer, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(paths.Sys("module/zfs")))
        {
            return;
        }

        string? problem = null;
        if (_askedAt is not { } at || time.GetElapsedTime(at) >= AskInterval)
        {
            _pools = [];
            problem = await Task.Run(() => AskAsync(cancellationToken), cancellationToken);
            _askedAt = time.GetTimestamp();
        }

        foreach (var (pool, status) in _pools)
        {
            Write(writer, pool, Encoding.UTF8.GetBytes(pool.Name));
            Write(writer, status, Encoding.UTF8.GetBytes(pool.Name));
        }

        if (problem is not null)
        {
            throw new IOException(problem);
        }
    }

    /// <returns>What could not be read, one line; null if everything was.</returns>
    private async Task<string?> AskAsync(CancellationToken cancellationToken)
    {
        var list = new ZfsListing<ZfsPool>(ZfsPool.Parse, p => p.Name);
        var error = await _query.RunAsync("zpool", "", ZfsCommands.Pools(), list, list.Errors, ToolTimeout, cancellationToken);
        if (error is not null)
        {
            return error.Message;
        }

        var problem = list.IsComplete ? null : $"a line of zpool list was not understood: {list.Refused[0]}";
        List<(ZfsPool, ZfsPoolStatus?)> pools = [];
        foreach (var pool in list.Items)
        {
            var status = new ZpoolStatusParser();
            error = await _query.RunAsync(
                "zpool", pool.Name, ZfsCommands.PoolStatus(pool.Name), status, status.Errors, ToolTimeout, cancellationToken);
            pools.Add((pool, error is null ? status.Result : null));
            problem ??= error?.Message;
        }

        _pools = pools;
        return problem;
    }

    private static void Write(MetricWriter writer, ZfsPool pool, ReadOnlySpan<byte> name)
    {
        foreach (var health in Healths)
        {
            writer.Add("fleet_zfs_pool_health", MetricKind.Gauge, pool.Health == health ? 1 : 0, "pool", name, "health",
                Encoding.UTF8.GetBytes(health.ToString().ToLowerInvariant()));
        }

        Write(writer, "fleet_zfs_pool_size_bytes", pool.SizeBytes, name);
        Write(writer, "fleet_zfs_pool_allocated_bytes", pool.AllocatedBytes, name);
        Write(writer, "fleet_zfs_pool_free_bytes", pool.FreeBytes, name);
        Write(writer, "fleet_zfs_pool_freeing_bytes", pool.FreeingBytes, name);
        Write(writer, "fleet_zfs_pool_fragmentation_ratio", pool.FragmentationPercent / 100.0, name);
    }

    private static void Write(MetricWriter writer, ZfsPoolStatus? status, ReadOnlySpan<byte> name)
    {
        if (status is null)
        {
            return;
        }

        Write(writer, "fleet_zfs_pool_data_errors", status.DataErrors, name);
        HashSet<string> written = [];
        foreach (var vdev in status.Vdevs.Where(v => v.ReadErrors is not null && written.Add(v.Name)))
        {
            var device = Encoding.UTF8.GetBytes(vdev.Name);
            writer.Add("fleet_zfs_vdev_errors", MetricKind.Gauge, vdev.ReadErrors ?? 0, "pool", name, "vdev", device, "kind", "read"u8);
            writer.Add("fleet_zfs_vdev_errors", MetricKind.Gauge, vdev.WriteErrors ?? 0, "pool", name, "vdev", device, "kind", "write"u8);
            writer.Add(
                "fleet_zfs_vdev_errors", MetricKind.Gauge, vdev.ChecksumErrors ?? 0, "pool", name, "vdev", device, "kind", "checksum"u8);
        }

        foreach (var scan in status.Scans)
        {
            var kind = scan.Kind == ZfsScanKind.Scrub ? "scrub"u8 : "resilver"u8;
            writer.Add(
                "fleet_zfs_pool_scan_running", MetricKind.Gauge, scan.State == ZfsScanState.Running ? 1 : 0, "pool", name, "kind", kind);
            if (scan.State == ZfsScanState.Finished)
            {
                writer.Add("fleet_zfs_pool_scan_finished_timestamp_seconds", MetricKind.Gauge, scan.At.ToUnixTimeSeconds(), "pool", name,
                    "kind", kind);
                writer.Add("fleet_zfs_pool_scan_errors", MetricKind.Gauge, scan.Errors ?? 0, "pool", name, "kind", kind);
            }
        }
    }

    private static void Write(MetricWriter writer, string metric, double? value, ReadOnlySpan<byte> pool)
    {
        if (value is { } known)
        {
            writer.Add(metric, MetricKind.Gauge, known, "pool", pool);
        }
    }
}
