namespace Fleet.Coordinator.State.Metrics;

internal sealed partial class RollupStore
{
    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} is damaged and was put aside as {Aside}; the history of metrics starts over")]
    private static partial void FilePutAside(ILogger logger, string path, string aside, Exception exception);
}
