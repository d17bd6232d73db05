namespace Fleet.Coordinator.Hosting;

internal sealed partial class Reloader
{
    [LoggerMessage(Level = LogLevel.Information, Message = "{Path} read again: log level, keep times and log lines per run are as it says")]
    private static partial void Reloaded(ILogger logger, string path);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} not taken, the previous settings stay: {Problems}")]
    private static partial void NotReloaded(ILogger logger, string path, string problems);
}
