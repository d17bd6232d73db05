namespace Fleet.Coordinator.Policies;

internal sealed partial class ScheduleWatch
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Comparing schedules with their runs failed; trying again")]
    private static partial void WatchFailed(ILogger logger, Exception exception);
}
