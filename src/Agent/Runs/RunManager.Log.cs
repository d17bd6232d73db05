using Microsoft.Extensions.Logging;

namespace Fleet.Agent.Runs;

internal sealed partial class RunManager
{
    private readonly ILogger _logger = logger;

    [LoggerMessage(
        LogLevel.Warning, "Run {RunId} attempt {Attempt} was interrupted; {Ended} of its processes were still running and were ended")]
    private partial void LogInterrupted(string runId, int attempt, int ended);

    [LoggerMessage(LogLevel.Warning, "Run {RunId} was not accepted: {Reason}")]
    private partial void LogNotTaken(string runId, string reason);

    [LoggerMessage(LogLevel.Warning, "The coordinator's order for run {RunId} cannot be carried out: {Problem}")]
    private partial void LogRefused(string runId, string problem);

    [LoggerMessage(LogLevel.Error, "Run {RunId} failed because of a bug")]
    private partial void LogBug(string runId, Exception exception);
}
