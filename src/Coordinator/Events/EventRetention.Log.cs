namespace Fleet.Coordinator.Events;

internal sealed partial class EventRetention
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Forgetting old events failed; trying again")]
    private static partial void RetentionFailed(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Events} events older than {Keep} forgotten")]
    private static partial void Forgotten(ILogger logger, long events, TimeSpan keep);
}
