namespace Fleet.Coordinator.Metrics;

/// <summary>Takes the metrics of all sessions. Safe for use by many threads.</summary>
internal interface IMetricSink
{
    /// <summary>Begins the metrics of one session; series numbers are valid as long as the session.</summary>
    IMetricSession OpenSession(string hostId, string hostName);
}
