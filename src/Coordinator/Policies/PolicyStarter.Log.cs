namespace Fleet.Coordinator.Policies;

internal sealed partial class PolicyStarter
{
    [LoggerMessage(Level = LogLevel.Error, Message = "Policy {Policy} could not be started; trying again within a minute")]
    private static partial void StartFailed(ILogger logger, string policy, Exception exception);
}
