namespace Fleet.Coordinator.Hosting;

internal sealed partial class StoreWatch
{
    [LoggerMessage(Level = LogLevel.Critical, Message = "The store does not commit")]
    private static partial void StoreStuck(ILogger logger, Exception exception);
}
