using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Metrics;

/// <summary>The metrics of one session. Used by one thread at a time; disposed when the session ends.</summary>
internal interface IMetricSession : IDisposable
{
    /// <summary>Takes one batch. Never waits: samples that cannot be taken are dropped and counted.</summary>
    void Accept(MetricBatch batch);
}
