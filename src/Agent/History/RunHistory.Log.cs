using Microsoft.Extensions.Logging;

namespace Fleet.Agent.History;

internal sealed partial class RunHistory
{
    private readonly ILogger _logger = logger;

    [LoggerMessage(LogLevel.Warning, "The history of runs cannot be written now; runs go on, and it is made up for later: {Problem}")]
    private partial void LogFails(string problem);

    [LoggerMessage(LogLevel.Information, "The history of runs is written again")]
    private partial void LogGood();

    [LoggerMessage(LogLevel.Error, "The history of runs met a bug")]
    private partial void LogBug(Exception exception);

    [LoggerMessage(LogLevel.Error, "{Damage}")]
    private partial void LogDamaged(string damage);
}
