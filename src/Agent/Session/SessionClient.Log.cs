using Microsoft.Extensions.Logging;

namespace Fleet.Agent.Session;

internal sealed partial class SessionClient
{
    private readonly ILogger _logger = logger;

    [LoggerMessage(LogLevel.Warning, "Waiting: {Problem}")]
    private partial void LogWaits(string problem);

    [LoggerMessage(LogLevel.Warning, "No session with {Address}: {Problem}. Trying again")]
    private partial void LogLost(string address, string problem);

    [LoggerMessage(LogLevel.Error, "{Address} refused this agent: {Problem}. What to do: {WhatToDo}. Trying again in a few minutes")]
    private partial void LogRefused(string address, string problem, string whatToDo);

    [LoggerMessage(LogLevel.Warning, "The host certificate expired at {ExpiresAt:O}: requesting a new one")]
    private partial void LogExpired(DateTimeOffset expiresAt);
}
