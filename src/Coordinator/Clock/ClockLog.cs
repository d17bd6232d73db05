namespace Fleet.Coordinator.Clock;

/// <summary>What the watch over the clock logs.</summary>
internal static partial class ClockLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "The clock could not be judged; trying again, and nothing is forgotten until then")]
    public static partial void Failed(ILogger logger, Exception exception);
}
