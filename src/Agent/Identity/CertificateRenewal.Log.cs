using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Fleet.Agent.Identity;

internal sealed partial class CertificateRenewal
{
    [LoggerMessage(Level = LogLevel.Information, Message = "certificate renewed, valid until {NotAfter:u}")]
    private static partial void LogRenewed(ILogger log, DateTimeOffset notAfter);

    [LoggerMessage(Level = LogLevel.Warning, Message = "certificate not renewed by {Address}: {Status}: {Detail}; the present one is valid until {NotAfter:u}")]
    private static partial void LogFailed(ILogger log, Uri address, StatusCode status, string detail, DateTimeOffset notAfter);
}
