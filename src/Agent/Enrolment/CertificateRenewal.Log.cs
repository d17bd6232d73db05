using Microsoft.Extensions.Logging;

namespace Fleet.Agent.Enrolment;

internal sealed partial class CertificateRenewal
{
    private readonly ILogger _logger = logger;

    [LoggerMessage(LogLevel.Information, "The host certificate was renewed; the new one expires at {ExpiresAt:O}")]
    private partial void LogRenewed(DateTime expiresAt);

    [LoggerMessage(LogLevel.Warning,
        "The host certificate, which expires at {ExpiresAt:O}, could not be renewed; the next attempt is in 10 min: {Problem}")]
    private partial void LogFailed(DateTimeOffset expiresAt, string problem);
}
