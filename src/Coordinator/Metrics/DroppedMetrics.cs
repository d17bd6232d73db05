using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Metrics;

/// <summary>Takes metrics and keeps none: for a coordinator without a metric store.</summary>
internal sealed class DroppedMetrics : IMetricSink, IMetricSession
{
    public IMetricSession OpenSession(string hostId, string hostName) => this;

    public void Accept(MetricBatch batch)
    {
        // Nothing is kept.
    }

    public void Dispose()
    {
        // Nothing is held.
    }
}
