namespace Fleet.Coordinator.Metrics;

/// <summary>What metrics log.</summary>
internal static partial class MetricLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} is damaged and was put aside as {Aside}; the history of metrics begins anew")]
    public static partial void FilePutAside(ILogger logger, string path, string aside, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Roll-ups of {Hosts} hosts could not be written and are lost")]
    public static partial void RollupsLost(ILogger logger, int hosts, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What /metrics shows of the store could not be read")]
    public static partial void GaugesFailed(ILogger logger, Exception exception);
}
