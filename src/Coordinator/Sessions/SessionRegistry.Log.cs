namespace Fleet.Coordinator.Sessions;

internal sealed partial class SessionRegistry
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Writing down when hosts were last seen failed; trying again")]
    private static partial void SeenFailed(ILogger logger, Exception exception);
}
