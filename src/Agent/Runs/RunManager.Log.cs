using Fleet.Protocol.V1;
using Microsoft.Extensions.Logging;

namespace Fleet.Agent.Runs;

internal sealed partial class RunManager
{
    private readonly ILogger _logger = logger;

    [LoggerMessage(LogLevel.Information, "Run {RunId} attempt {Attempt} of policy {Policy} starts (trace {Traceparent})")]
    private partial void LogStarted(string runId, int attempt, string policy, string traceparent);

    [LoggerMessage(LogLevel.Information, "Run {RunId} attempt {Attempt} of policy {Policy}: {Outcome}: {Message}")]
    private partial void LogEnded(string runId, int attempt, string policy, ActionOutcome outcome, string message);

    [LoggerMessage(LogLevel.Warning, "Run {RunId} of policy {Policy} was refused: {Message} [{Rule}]")]
    private partial void LogRefused(string runId, string policy, string message, string rule);

    [LoggerMessage(LogLevel.Warning, "Run {RunId} attempt {Attempt} was interrupted; {Ended} process(es) of it were still there and were ended")]
    private partial void LogInterrupted(string runId, int attempt, int ended);

    [LoggerMessage(LogLevel.Warning, "Run {RunId} was not taken: {Reason}")]
    private partial void LogNotTaken(string runId, string reason);

    [LoggerMessage(LogLevel.Error, "Run {RunId} met a bug")]
    private partial void LogBug(string runId, Exception exception);
}
