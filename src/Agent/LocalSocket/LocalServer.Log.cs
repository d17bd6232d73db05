using Microsoft.Extensions.Logging;

namespace Fleet.Agent.LocalSocket;

internal sealed partial class LocalServer
{
    private readonly ILogger _logger = logger;

    [LoggerMessage(
        LogLevel.Warning, "The local socket {Path} cannot be used, so fleet-agent runs, run and status read the files: {Problem}")]
    private partial void LogNoSocket(string path, string problem);

    [LoggerMessage(LogLevel.Warning, "agent.yaml, local_socket: {Problem}")]
    private partial void LogNoGroup(string problem);

    [LoggerMessage(LogLevel.Error, "A request on the local socket failed because of a bug")]
    private partial void LogBug(Exception exception);
}
