namespace Fleet.Coordinator.Metrics;

internal sealed partial class MetricSession
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} series of {Host} were refused: too many, or names that break the rules")]
    private static partial void SeriesRefused(ILogger logger, string host, int count);
}
