using Microsoft.Extensions.Logging;

namespace Fleet.Agent;

internal sealed partial class AgentHost
{
    [LoggerMessage(LogLevel.Information, "fleet-agent {Version} runs with configuration {ConfigFile} and state {StateDirectory}")]
    private partial void LogStarts(string version, string configFile, string stateDirectory);

    [LoggerMessage(LogLevel.Information, "Stopping: ending running tools first")]
    private partial void LogStops();

    [LoggerMessage(LogLevel.Warning, "Some tools did not end in time; their runs will be recorded as interrupted at the next start")]
    private partial void LogStopTimedOut();

    [LoggerMessage(LogLevel.Error, "The configuration has problems: {Problems}")]
    private partial void LogBadConfiguration(string problems);

    [LoggerMessage(
        LogLevel.Error, "The state directory {StateDirectory} cannot be used (run as root; only one agent per state directory): {Problem}")]
    private partial void LogBadState(string stateDirectory, string problem);

    [LoggerMessage(LogLevel.Error, "State was damaged: {Damage}")]
    private partial void LogDamage(string damage);

    [LoggerMessage(LogLevel.Warning, "A snapshot that an earlier run made readable could not be released: {Problem}")]
    private partial void LogMountLeft(string problem);

    [LoggerMessage(LogLevel.Warning, "A merge of LVM: {Message}")]
    private partial void LogMerge(string message);

    [LoggerMessage(LogLevel.Information, "Configuration {ConfigFile} was reloaded")]
    private partial void LogReloaded(string configFile);

    [LoggerMessage(LogLevel.Error, "The new configuration has problems; the old one stays in use: {Problems}")]
    private partial void LogReloadRefused(string problems);
}
