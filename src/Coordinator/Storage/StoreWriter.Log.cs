namespace Fleet.Coordinator.Storage;

internal sealed partial class StoreWriter
{
    [LoggerMessage(Level = LogLevel.Error, Message = "The store could not commit {Commands} commands")]
    private static partial void CommitFailed(ILogger logger, int commands, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The connection to {Place} was lost and is back")]
    private static partial void Reconnected(ILogger logger, string place);

    [LoggerMessage(Level = LogLevel.Error, Message = "What follows a commit failed")]
    private static partial void AfterCommitFailed(ILogger logger, Exception exception);
}
