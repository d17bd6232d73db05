namespace Fleet.Coordinator.Snapshots;

internal sealed partial class StorageIntake
{
    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The storage report of host {HostId} was left out: {Bytes} bytes are more than one may have")]
    private static partial void TooLarge(ILogger logger, string hostId, long bytes);
}
