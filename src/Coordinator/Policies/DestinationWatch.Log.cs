namespace Fleet.Coordinator.Policies;

internal sealed partial class DestinationWatch
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Comparing destinations failed; trying again")]
    private static partial void DestinationWatchFailed(ILogger logger, Exception exception);
}
