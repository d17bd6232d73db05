using Fleet.Coordinator.State.Hosts;
using Fleet.Coordinator.State.Metrics;
using Fleet.Coordinator.State.Policies;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Metrics;

/// <summary>/metrics/fleet: the newest values of all hosts, for one scrape instead of one per host.</summary>
internal sealed class FleetMetricsPage(FleetStore store, MetricStore metrics, TimeProvider clock)
{
    /// <summary>Values older than this are left out: Prometheus would take them for new.</summary>
    private static readonly TimeSpan Stale = TimeSpan.FromMinutes(5);

    private const string Help = "Reported by fleet-agent; see docs/metrics.md.";

    public async Task WriteAsync(HttpContext context)
    {
        var (hosts, protections) = await store.ReadAsync(
            static reader => (HostStore.All(reader), ProtectionStore.OfEnrolledHosts(reader)),
            context.RequestAborted);
        context.Response.ContentType = PrometheusText.ContentType;
        var text = new PrometheusText(context.Response.BodyWriter);

        text.Family("fleet_host_up", "gauge", "1: the host has an open session.");
        foreach (var host in hosts)
        {
            text.Sample("fleet_host_up", Labels(("host", host.Name)), host.Connected ? 1 : 0);
        }

        await text.FlushAsync(context.RequestAborted);
        text.Family("fleet_policy_state", "gauge", "1 for the state that a policy is in on a host.");
        foreach (var row in protections)
        {
            text.Sample("fleet_policy_state", Labels(("host", row.HostName), ("policy", row.Policy), ("state", NameOf(row.State))), 1);
        }

        await text.FlushAsync(context.RequestAborted);
        text.Family("fleet_policy_last_success_timestamp_seconds", "gauge", "Start of the newest successful run, Unix time.");
        foreach (var row in protections)
        {
            if (row.LastSuccessAt is { } at)
            {
                text.Sample(
                    "fleet_policy_last_success_timestamp_seconds",
                    Labels(("host", row.HostName), ("policy", row.Policy)),
                    at.ToUnixTimeMilliseconds() / 1000.0);
            }
        }

        await WriteAgentsAsync(text, hosts, context.RequestAborted);
        await WriteSeriesAsync(text, hosts, context.RequestAborted);
        await text.FlushAsync(context.RequestAborted, force: true);
    }

    private async Task WriteAgentsAsync(PrometheusText text, List<HostRow> hosts, CancellationToken cancellationToken)
    {
        text.Family("fleet_host_metrics_dropped_batches_total", "counter", "Collections that the agent had to drop.");
        foreach (var host in hosts)
        {
            if (metrics.Find(host.HostId) is { } known)
            {
                text.Sample("fleet_host_metrics_dropped_batches_total", Labels(("host", host.Name)), known.DroppedBatches);
            }
        }

        text.Family("fleet_host_collector_failed", "gauge", "1: the collector failed or ran out of time in the newest collection.");
        foreach (var host in hosts)
        {
            foreach (var collector in metrics.Find(host.HostId)?.FailedCollectors.Distinct() ?? [])
            {
                text.Sample("fleet_host_collector_failed", Labels(("host", host.Name), ("collector", collector)), 1);
            }
        }

        await text.FlushAsync(cancellationToken);
    }

    /// <summary>A family's samples must be adjacent, so the order is by name, then by host.</summary>
    private async Task WriteSeriesAsync(PrometheusText text, List<HostRow> hosts, CancellationToken cancellationToken)
    {
        var freshFrom = (clock.GetUtcNow() - Stale).ToUnixTimeMilliseconds();
        var families = new SortedDictionary<string, List<(string Host, SeriesKey Key, double Value)>>(StringComparer.Ordinal);
        foreach (var host in hosts)
        {
            foreach (var (key, at, value) in metrics.Find(host.HostId)?.Newest(static _ => true) ?? [])
            {
                if (at < freshFrom || IsOurs(key.Name))
                {
                    continue;
                }

                if (!families.TryGetValue(key.Name, out var family))
                {
                    families[key.Name] = family = [];
                }

                family.Add((host.Name, key, value));
            }
        }

        foreach (var (name, samples) in families)
        {
            text.Family(name, samples[0].Key.Kind == MetricKind.Counter ? "counter" : "gauge", Help);
            foreach (var (host, key, value) in samples)
            {
                text.Sample(name, WithHost(host, key), value);
                await text.FlushAsync(cancellationToken);
            }
        }
    }

    /// <summary>An agent must not speak for the coordinator.</summary>
    private static bool IsOurs(string name) =>
        name
            is "fleet_host_up"
                or "fleet_policy_state"
                or "fleet_policy_last_success_timestamp_seconds"
                or "fleet_host_metrics_dropped_batches_total"
                or "fleet_host_collector_failed";

    /// <summary>The agent's own label "host" becomes "exported_host", as in Prometheus.</summary>
    private static IEnumerable<KeyValuePair<string, string>> WithHost(string host, SeriesKey key)
    {
        yield return KeyValuePair.Create("host", host);
        foreach (var (label, value) in key.Labels)
        {
            if (label != "exported_host" || key.Labels.All(static other => other.Key != "host"))
            {
                yield return KeyValuePair.Create(label == "host" ? "exported_host" : label, value);
            }
        }
    }

    private static string NameOf(ProtectionState state)
    {
        var name = PolicyReflection
            .Descriptor.EnumTypes.First(static type => type.Name == nameof(ProtectionState))
            .FindValueByNumber((int)state)
            ?.Name;
        return name is null ? "unknown" : name["PROTECTION_STATE_".Length..].ToLowerInvariant();
    }

    private static KeyValuePair<string, string>[] Labels(params ReadOnlySpan<(string Name, string Value)> labels)
    {
        var result = new KeyValuePair<string, string>[labels.Length];
        for (var i = 0; i < labels.Length; i++)
        {
            result[i] = KeyValuePair.Create(labels[i].Name, labels[i].Value);
        }

        return result;
    }
}
