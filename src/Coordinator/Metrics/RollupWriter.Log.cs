namespace Fleet.Coordinator.Metrics;

internal sealed partial class RollupWriter
{
    [LoggerMessage(Level = LogLevel.Error, Message = "Roll-ups of {Hosts} hosts could not be written and are lost")]
    private static partial void RollupsLost(ILogger logger, int hosts, Exception exception);
}
