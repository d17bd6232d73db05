namespace Fleet.Coordinator.Storage;

/// <summary>What the store logs.</summary>
internal static partial class StoreLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "The store could not commit {Commands} commands")]
    public static partial void CommitFailed(ILogger logger, int commands, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "What follows a commit failed")]
    public static partial void AfterCommitFailed(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Path} brought from schema {Found} to {Now}")]
    public static partial void Migrated(ILogger logger, string path, int found, int now);
}
