using Microsoft.Extensions.Logging;

namespace Fleet.Agent.Runs;

internal sealed partial class RefusedMessages
{
    private readonly ILogger _logger = logger;

    [LoggerMessage(LogLevel.Warning, "Policy {Policy} of the assignment was left out: {Problem}")]
    private partial void LogPolicy(string policy, string problem);

    [LoggerMessage(LogLevel.Warning, "{Count} message(s) from the coordinator could not be used; the newest: {Problem}")]
    private partial void LogRefused(long count, string problem);
}
