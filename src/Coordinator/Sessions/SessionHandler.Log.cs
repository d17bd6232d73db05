namespace Fleet.Coordinator.Sessions;

internal sealed partial class SessionHandler
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Host {HostId}: session {SessionId} opened from {Address}, agent {Version}")]
    private static partial void Opened(ILogger logger, string hostId, string sessionId, string address, string version);

    [LoggerMessage(Level = LogLevel.Information, Message = "Host {HostId}: session {SessionId} ended: {Reason}")]
    private static partial void Closed(ILogger logger, string hostId, string sessionId, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Host {HostId}: the end of session {SessionId} was not written down; trying again")]
    private static partial void NotClosed(ILogger logger, string hostId, string sessionId, Exception exception);
}
