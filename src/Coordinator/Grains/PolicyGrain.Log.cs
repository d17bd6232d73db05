namespace Fleet.Coordinator.Grains;

internal sealed partial class PolicyGrain
{
    [LoggerMessage(Level = LogLevel.Error, Message = "Policy {Policy} could not do what is due; trying again")]
    private static partial void TickFailed(ILogger logger, string policy, Exception exception);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Policy {Policy} missed instants on {Hosts} hosts: the newest one is made up for")]
    private static partial void CatchingUp(ILogger logger, string policy, int hosts);
}
