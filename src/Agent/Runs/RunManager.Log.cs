using Microsoft.Extensions.Logging;

namespace Fleet.Agent.Runs;

internal sealed partial class RunManager
{
    private readonly ILogger _logger = logger;

    [LoggerMessage(LogLevel.Warning, "Run {RunId} attempt {Attempt} was interrupted; {Ended} process(es) of it were still there and were ended")]
    private partial void LogInterrupted(string runId, int attempt, int ended);

    [LoggerMessage(LogLevel.Warning, "Run {RunId} was not taken: {Reason}")]
    private partial void LogNotTaken(string runId, string reason);

    [LoggerMessage(LogLevel.Warning, "Run {RunId} cannot be carried out as the coordinator asks for it: {Problem}")]
    private partial void LogRefused(string runId, string problem);

    [LoggerMessage(LogLevel.Error, "Run {RunId} met a bug")]
    private partial void LogBug(string runId, Exception exception);
}
