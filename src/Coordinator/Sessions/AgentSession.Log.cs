namespace Fleet.Coordinator.Sessions;

internal sealed partial class AgentSession
{
    [LoggerMessage(Level = LogLevel.Error, Message = "Host {HostId}: session {SessionId} broke")]
    private static partial void Broke(ILogger logger, string hostId, string sessionId, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Host {HostId}: session {SessionId}: outbox entries up to {Last} were "
        + "announced and do not come; the host gets its runs without them")]
    private static partial void NotCaughtUp(ILogger logger, string hostId, string sessionId, long last);
}
