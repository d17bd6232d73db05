namespace Fleet.Coordinator.Clock;

internal sealed partial class TrustedClock
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "The clock could not be judged; trying again, and nothing is forgotten until then")]
    private static partial void Failed(ILogger logger, Exception exception);
}
