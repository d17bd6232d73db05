using Microsoft.Extensions.Logging;

namespace Fleet.Agent.Enrolment;

internal sealed partial class CertificateRenewal
{
    private readonly ILogger _logger = logger;

    [LoggerMessage(LogLevel.Information, "The host certificate was renewed; the new one ends {ExpiresAt:O}")]
    private partial void LogRenewed(DateTime expiresAt);

    [LoggerMessage(LogLevel.Warning, "The host certificate, which ends {ExpiresAt:O}, could not be renewed and will be tried again in 10 min: {Problem}")]
    private partial void LogFailed(DateTimeOffset expiresAt, string problem);
}
