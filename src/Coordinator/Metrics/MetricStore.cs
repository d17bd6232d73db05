using System.Collections.Concurrent;
using Fleet.Coordinator.State.Metrics;

namespace Fleet.Coordinator.Metrics;

/// <summary>The metrics of all hosts in memory. Anything older than an hour is in <see cref="RollupStore"/>.</summary>
internal sealed class MetricStore(MetricBudget budget, MetricEvents events, TimeProvider clock, ILogger<MetricStore> log) : IMetricSink
{
    private readonly ConcurrentDictionary<string, HostMetrics> _hosts = new(StringComparer.Ordinal);

    public IEnumerable<HostMetrics> Hosts => _hosts.Values;

    /// <summary>Series of all hosts.</summary>
    public int SeriesCount => budget.Taken;

    public IMetricSession OpenSession(string hostId, string hostName)
    {
        var host = _hosts.GetOrAdd(hostId, id => new HostMetrics(id, hostName, budget));
        host.HostName = hostName;
        return new MetricSession(host, events, clock, log);
    }

    /// <summary>Null if the host has sent nothing since the coordinator started.</summary>
    public HostMetrics? Find(string hostId) => _hosts.GetValueOrDefault(hostId);

    /// <summary>Drops a host that was removed.</summary>
    public void Drop(string hostId)
    {
        if (_hosts.TryRemove(hostId, out var host))
        {
            host.DropAll();
        }
    }

    /// <summary>Drops what is older than an hour.</summary>
    public void Forget()
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var host in _hosts.Values)
        {
            host.Forget(now);
        }
    }
}
