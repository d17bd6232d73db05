namespace Fleet.Coordinator.Limits;

internal sealed partial class StrangerLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Refused {Method} from {Address}: {Message}")]
    private static partial void Refused(ILogger logger, string method, string address, string message);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Host {HostId}: session refused: {Reason}")]
    private static partial void SessionRefused(ILogger logger, string hostId, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Closed a connection from {Address}: {Reason}")]
    private static partial void ConnectionClosed(ILogger logger, string address, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} lines about refused calls and closed connections were left out")]
    private static partial void LeftOut(ILogger logger, long count);
}
