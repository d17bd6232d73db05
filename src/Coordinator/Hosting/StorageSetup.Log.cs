namespace Fleet.Coordinator.Hosting;

internal static partial class StorageSetup
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Waiting until the present owner of the database ends: {Holder}")]
    private static partial void OwnerAlive(ILogger logger, string holder);
}
