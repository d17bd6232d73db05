namespace Fleet.Coordinator.Events;

/// <summary>What the event log logs.</summary>
internal static partial class EventLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "The event feed could not be reached; trying again")]
    public static partial void FeedFailed(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Forgetting old events failed; trying again")]
    public static partial void RetentionFailed(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Events} events older than {Keep} forgotten")]
    public static partial void Forgotten(ILogger logger, long events, TimeSpan keep);
}
