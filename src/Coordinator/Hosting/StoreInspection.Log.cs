namespace Fleet.Coordinator.Hosting;

internal sealed partial class StoreInspection
{
    [LoggerMessage(Level = LogLevel.Critical, Message = "The store does not commit")]
    private static partial void StoreStuck(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Critical, Message = "A check has found damage")]
    private static partial void StoreDamaged(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Critical, Message = "The coordinator is shutting down")]
    private static partial void OwnerLost(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A database could not be checked")]
    private static partial void StoreNotChecked(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Place} read whole in {Time}: undamaged")]
    private static partial void StoreChecked(ILogger logger, string place, TimeSpan time);
}
