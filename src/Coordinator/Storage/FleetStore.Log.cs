namespace Fleet.Coordinator.Storage;

internal sealed partial class FleetStore
{
    [LoggerMessage(Level = LogLevel.Information, Message = "{Place} brought from schema {Found} to {Now}")]
    private static partial void Migrated(ILogger logger, string place, int found, int now);
}
