namespace Fleet.Coordinator.Runs;

/// <summary>What runs log.</summary>
internal static partial class RunLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "{Lines} log lines of runs could not be stored")]
    public static partial void LinesLost(ILogger logger, int lines, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Run {RunId} on host {HostId} goes on after its time limit of {Timeout}: its agent is asked to cancel it")]
    public static partial void Overdue(ILogger logger, string runId, string hostId, TimeSpan timeout);

    [LoggerMessage(Level = LogLevel.Error, Message = "Keeping runs failed; trying again")]
    public static partial void KeeperFailed(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Runs} finished runs older than {Keep} forgotten")]
    public static partial void Forgotten(ILogger logger, int runs, TimeSpan keep);
}
