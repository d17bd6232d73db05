namespace Fleet.Coordinator.Snapshots;

internal sealed partial class SnapshotKeeper
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Snapshots that are gone could not be forgotten")]
    private static partial void Failed(ILogger logger, Exception exception);
}
