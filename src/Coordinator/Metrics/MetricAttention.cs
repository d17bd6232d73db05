using Fleet.Coordinator.Alerts;
using Fleet.Coordinator.Edge;
using Fleet.Coordinator.State.Hosts;
using Fleet.Coordinator.State.Metrics;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.Metrics;

/// <summary>Finds in the newest metrics what needs a person: full file systems, hung mounts, failed units.</summary>
internal sealed class MetricAttention(FleetStore store, MetricStore metrics, TimeProvider clock) : IAttentionSource
{
    private const double WarningShare = 0.10;
    private const double CriticalShare = 0.03;

    /// <summary>An offline host is reported as offline; its last numbers prove nothing.</summary>
    private static readonly TimeSpan Stale = TimeSpan.FromMinutes(5);

    /// <summary>When each was first seen by this process.</summary>
    private readonly Dictionary<(string HostId, string Code, string WhatToDo), Timestamp> _since = [];

    public async ValueTask<IReadOnlyList<Attention>> CollectAsync(CancellationToken cancellationToken)
    {
        var hosts = await store.ReadAsync(HostStore.All, cancellationToken);
        List<Attention> found = [.. hosts.SelectMany(Of)];
        lock (_since)
        {
            var now = new Dictionary<(string HostId, string Code, string WhatToDo), Timestamp>();
            foreach (var attention in found)
            {
                var key = (attention.HostId, attention.Code, attention.WhatToDo);
                attention.Since = now[key] = _since.GetValueOrDefault(key, attention.Since);
            }

            _since.Clear();
            foreach (var (key, since) in now)
            {
                _since.Add(key, since);
            }
        }

        return found;
    }

    private List<Attention> Of(HostRow host)
    {
        var freshFrom = (clock.GetUtcNow() - Stale).ToUnixTimeMilliseconds();
        var newest = metrics.Find(host.HostId)?.Newest(static name =>
            name.StartsWith("fleet_filesystem_", StringComparison.Ordinal) || name == "fleet_systemd_unit_failed") ?? [];
        var fresh = newest.Where(sample => sample.At >= freshFrom).ToList();
        var sizes = fresh
            .Where(static sample => sample.Key.Name == "fleet_filesystem_size_bytes")
            .GroupBy(static sample => Mount(sample.Key))
            .ToDictionary(static group => group.Key, static group => group.First().Value, StringComparer.Ordinal);

        // As in df(1), blocks reserved for root are neither used nor available.
        var free = fresh
            .Where(static sample => sample.Key.Name == "fleet_filesystem_free_bytes")
            .GroupBy(static sample => Mount(sample.Key))
            .ToDictionary(static group => group.Key, static group => group.First().Value, StringComparer.Ordinal);

        // An image that is mounted read-only is always full.
        var readOnly = fresh
            .Where(static sample => sample.Key.Name == "fleet_filesystem_read_only" && sample.Value > 0)
            .Select(static sample => Mount(sample.Key))
            .ToHashSet(StringComparer.Ordinal);
        var found = new List<Attention>();
        foreach (var (key, at, value) in fresh)
        {
            switch (key.Name)
            {
                case "fleet_filesystem_available_bytes"
                    when sizes.TryGetValue(Mount(key), out var size)
                        && size > 0
                        && ShareLeft(size, free.GetValueOrDefault(Mount(key), value), value) is var left
                        && left < WarningShare
                        && !readOnly.Contains(Mount(key)):
                    found.Add(
                        New(
                            host,
                            left < CriticalShare ? AttentionSeverity.Critical : AttentionSeverity.Warning,
                            "filesystem_full",
                            at,
                            $"{Mount(key)} on {host.Name} has {Math.Floor(100 * left)} % left",
                            $"free space in {Mount(key)} on {host.Name}, or make the file system larger"));
                    break;
                case "fleet_filesystem_hung" when value > 0:
                    found.Add(New(
                        host,
                        AttentionSeverity.Critical,
                        "mount_hung",
                        at,
                        $"{Mount(key)} on {host.Name} does not answer",
                        $"check the server behind {Mount(key)}; umount -l lets go of it"));
                    break;
                case "fleet_systemd_unit_failed" when value > 0:
                    var unit = Label(key, "unit");
                    found.Add(New(
                        host,
                        AttentionSeverity.Warning,
                        "systemd_unit_failed",
                        at,
                        $"the unit {unit} on {host.Name} has failed",
                        $"on {host.Name}: systemctl status {unit}; journalctl -u {unit}"));
                    break;
            }
        }

        return found;
    }

    private static double ShareLeft(double size, double free, double available) =>
        size - free + available is > 0 and var usable ? available / usable : 0;

    private static string Mount(SeriesKey key) => Label(key, "mount");

    /// <summary>Names of mounts and units can be anything, so they are escaped.</summary>
    private static string Label(SeriesKey key, string name) =>
        EscapedText.Escape(key.Labels.FirstOrDefault(label => label.Key == name).Value ?? "", 200);

    private static Attention New(
        HostRow host, AttentionSeverity severity, string code, long at, string message, string whatToDo) => new()
        {
            Severity = severity,
            Code = code,
            HostId = host.HostId,
            HostName = host.Name,
            Message = message,
            WhatToDo = whatToDo,
            Since = DateTimeOffset.FromUnixTimeMilliseconds(at).ToTimestamp(),
        };
}
