namespace Fleet.Coordinator.Policies;

/// <summary>What policies log.</summary>
internal static partial class PolicyLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "Policy {Policy} could not do what is due; trying again")]
    public static partial void TickFailed(ILogger logger, string policy, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Policy {Policy} missed instants on {Hosts} hosts: the newest one is made up for")]
    public static partial void CatchingUp(ILogger logger, string policy, int hosts);

    [LoggerMessage(Level = LogLevel.Error, Message = "Policy {Policy} could not be started; trying again within a minute")]
    public static partial void StartFailed(ILogger logger, string policy, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Comparing schedules with their runs failed; trying again")]
    public static partial void WatchFailed(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Comparing destinations failed; trying again")]
    public static partial void DestinationWatchFailed(ILogger logger, Exception exception);
}
