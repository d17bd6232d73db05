namespace Fleet.Coordinator.Events;

internal sealed partial class EventFeedClient
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "The event feed could not be reached; trying again")]
    private static partial void FeedFailed(ILogger logger, Exception exception);
}
