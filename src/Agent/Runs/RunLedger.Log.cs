using Microsoft.Extensions.Logging;

namespace Fleet.Agent.Runs;

internal sealed partial class RunLedger
{
    private readonly ILogger _logger = logger;

    [LoggerMessage(
        LogLevel.Error, "No run starts until the agent's state can be written: {Error}. Free up space on the disk of the state directory")]
    private partial void LogStateError(string error);

    [LoggerMessage(LogLevel.Information, "The agent's state can be written again; runs start again")]
    private partial void LogStateGood();
}
