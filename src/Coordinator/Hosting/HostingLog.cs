namespace Fleet.Coordinator.Hosting;

/// <summary>What the process as a whole logs.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(Level = LogLevel.Critical, Message = "The store does not commit")]
    public static partial void StoreStuck(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Critical, Message = "A check has found damage")]
    public static partial void StoreDamaged(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A database could not be checked")]
    public static partial void StoreNotChecked(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Path} read whole in {Time}: undamaged")]
    public static partial void StoreChecked(ILogger logger, string path, TimeSpan time);

    [LoggerMessage(Level = LogLevel.Warning, Message = "systemd could not be told")]
    public static partial void NotifyFailed(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "fleet-coordinator {Version} serves {Listen}, state in {StateDirectory}")]
    public static partial void Serving(ILogger logger, string version, string listen, string stateDirectory);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Path} read again: log level, keep times and log lines per run are as it says")]
    public static partial void Reloaded(ILogger logger, string path);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} not taken, the previous settings stay: {Problems}")]
    public static partial void NotReloaded(ILogger logger, string path, string problems);
}
