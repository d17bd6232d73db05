namespace Fleet.Coordinator.Hosting;

internal sealed partial class SystemdNotifier
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "systemd could not be notified")]
    private static partial void NotifyFailed(ILogger logger, Exception exception);
}
