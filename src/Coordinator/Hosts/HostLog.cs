namespace Fleet.Coordinator.Hosts;

/// <summary>What hosts log. Host ids are ours; names and addresses are logged where they help.</summary>
internal static partial class HostLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Host {HostId}: run {RunId}, attempt {Attempt}, is sent again, the agent does not have it")]
    public static partial void SentAgain(ILogger logger, string hostId, string runId, int attempt);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Host {HostId}: identity used by {First} and {Second}; the second one is refused")]
    public static partial void DuplicateIdentity(ILogger logger, string hostId, string first, string second);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Host {HostId}: its session cannot be reached")]
    public static partial void ObserverFailed(ILogger logger, string hostId, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Watching hosts failed; trying again")]
    public static partial void MonitorFailed(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Looking for hosts that get no runs failed; trying again")]
    public static partial void WatchFailed(ILogger logger, Exception exception);
}
