namespace Fleet.Coordinator.Grains;

internal sealed partial class HostGrain
{
    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Host {HostId}: run {RunId}, attempt {Attempt}, is sent again, the agent does not have it")]
    private static partial void SentAgain(ILogger logger, string hostId, string runId, int attempt);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Host {HostId}: identity used by {First} and {Second}; the second one is refused")]
    private static partial void DuplicateRefused(ILogger logger, string hostId, string first, string second);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Host {HostId}: its session cannot be reached")]
    private static partial void ObserverFailed(ILogger logger, string hostId, Exception exception);
}
