using Microsoft.Extensions.Logging;

namespace Fleet.Agent.History;

internal sealed partial class RunHistory
{
    private readonly ILogger _logger = logger;

    [LoggerMessage(
        LogLevel.Warning, "The history of runs cannot be written at the moment; runs continue, and it is completed later: {Problem}")]
    private partial void LogFails(string problem);

    [LoggerMessage(LogLevel.Information, "The history of runs can be written again")]
    private partial void LogGood();

    [LoggerMessage(LogLevel.Error, "The history of runs failed because of a bug")]
    private partial void LogBug(Exception exception);

    [LoggerMessage(LogLevel.Error, "{Damage}")]
    private partial void LogDamaged(string damage);
}
