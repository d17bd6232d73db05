namespace Fleet.Coordinator.Hosts;

internal sealed partial class DispatchWatch
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Looking for hosts that get no runs failed; trying again")]
    private static partial void WatchFailed(ILogger logger, Exception exception);
}
