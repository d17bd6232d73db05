namespace Fleet.Coordinator.Hosting;

internal static partial class CoordinatorCommand
{
    [LoggerMessage(Level = LogLevel.Information, Message = "fleet-coordinator {Version} serves {Listen}, state in {StateDirectory}")]
    private static partial void Serving(ILogger logger, string version, string listen, string stateDirectory);
}
