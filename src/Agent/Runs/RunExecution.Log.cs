using Fleet.Protocol.V1;
using Microsoft.Extensions.Logging;

namespace Fleet.Agent.Runs;

internal sealed partial class RunExecution
{
    private readonly ILogger _logger = logger;

    [LoggerMessage(LogLevel.Information, "Run {RunId} attempt {Attempt} of {What} starts (trace {Traceparent})")]
    private partial void LogStarted(string runId, int attempt, string what, string traceparent);

    [LoggerMessage(LogLevel.Information, "Run {RunId} attempt {Attempt} of {What}: {Outcome}: {Message}")]
    private partial void LogEnded(string runId, int attempt, string what, ActionOutcome outcome, string message);

    [LoggerMessage(LogLevel.Warning, "Run {RunId} of {What} was refused: {Message} [{Rule}]")]
    private partial void LogRefused(string runId, string what, string message, string rule);
}
