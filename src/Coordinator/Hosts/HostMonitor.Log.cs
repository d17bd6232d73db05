namespace Fleet.Coordinator.Hosts;

internal sealed partial class HostMonitor
{
    [LoggerMessage(Level = LogLevel.Error, Message = "Watching hosts failed; trying again")]
    private static partial void MonitorFailed(ILogger logger, Exception exception);
}
