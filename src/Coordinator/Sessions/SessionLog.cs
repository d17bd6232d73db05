namespace Fleet.Coordinator.Sessions;

/// <summary>What sessions log.</summary>
internal static partial class SessionLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Host {HostId}: session {SessionId} opened from {Address}, agent {Version}")]
    public static partial void Opened(ILogger logger, string hostId, string sessionId, string address, string version);

    [LoggerMessage(Level = LogLevel.Information, Message = "Host {HostId}: session {SessionId} ended: {Reason}")]
    public static partial void Closed(ILogger logger, string hostId, string sessionId, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Host {HostId}: session {SessionId} broke")]
    public static partial void Broke(ILogger logger, string hostId, string sessionId, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Host {HostId}: session {SessionId}: outbox entries up to {Last} were announced and do not come; the host gets its runs without them")]
    public static partial void NotCaughtUp(ILogger logger, string hostId, string sessionId, long last);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Host {HostId}: the end of session {SessionId} was not written down; trying again")]
    public static partial void NotClosed(ILogger logger, string hostId, string sessionId, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Writing down when hosts were last seen failed; trying again")]
    public static partial void SeenFailed(ILogger logger, Exception exception);
}
