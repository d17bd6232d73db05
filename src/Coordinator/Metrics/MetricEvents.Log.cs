namespace Fleet.Coordinator.Metrics;

internal sealed partial class MetricEvents
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "The event {Type} could not be recorded")]
    private static partial void NotRecorded(ILogger logger, string type, Exception exception);
}
