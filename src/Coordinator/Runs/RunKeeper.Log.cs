namespace Fleet.Coordinator.Runs;

internal sealed partial class RunKeeper
{
    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Run {RunId} on host {HostId} is still running after its time limit of {Timeout}: its agent is asked to cancel it")]
    private static partial void Overdue(ILogger logger, string runId, string hostId, TimeSpan timeout);

    [LoggerMessage(Level = LogLevel.Error, Message = "Keeping runs failed; trying again")]
    private static partial void KeeperFailed(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Runs} finished runs older than {Keep} forgotten")]
    private static partial void Forgotten(ILogger logger, int runs, TimeSpan keep);
}
