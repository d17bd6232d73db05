namespace Fleet.Coordinator.Storage;

internal sealed partial class FleetStore
{
    [LoggerMessage(Level = LogLevel.Information, Message = "{Path} brought from schema {Found} to {Now}")]
    private static partial void Migrated(ILogger logger, string path, int found, int now);
}
