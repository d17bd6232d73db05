namespace Fleet.Coordinator.Metrics;

internal sealed partial class FleetGauges
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "What /metrics shows of the store could not be read")]
    private static partial void GaugesFailed(ILogger logger, Exception exception);
}
