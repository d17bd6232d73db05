namespace Fleet.Coordinator.Runs;

internal sealed partial class RunLogWriter
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "{Lines} log lines of runs could not be stored")]
    private static partial void LinesLost(ILogger logger, int lines, Exception exception);
}
