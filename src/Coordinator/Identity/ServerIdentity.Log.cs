using Fleet.Coordinator.Configuration;

namespace Fleet.Coordinator.Identity;

internal sealed partial class ServerIdentity
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Made a server certificate for {Names}")]
    private static partial void ServerCertificateMade(ILogger logger, ServerNames names);

    [LoggerMessage(Level = LogLevel.Error, Message = "The server certificate could not be renewed")]
    private static partial void ServerCertificateFailed(ILogger logger, Exception exception);
}
