namespace Fleet.Coordinator.Identity;

internal sealed partial class OperatorUse
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "The last use of an operator's credential could not be noted")]
    private static partial void UseNotNoted(ILogger logger, Exception exception);
}
