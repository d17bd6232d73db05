using Microsoft.Extensions.Logging;

namespace Fleet.Agent.LocalSchedule;

internal sealed partial class LocalScheduler
{
    private readonly ILogger _logger = logger;

    [LoggerMessage(LogLevel.Information, "Cut off from the coordinator: firing policy {Policy} for {Instant:O} as run {RunId}")]
    private partial void LogFires(string policy, DateTimeOffset instant, string runId);
}
