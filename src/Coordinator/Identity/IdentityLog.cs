using Fleet.Coordinator.Configuration;

namespace Fleet.Coordinator.Identity;

/// <summary>What identity logs.</summary>
internal static partial class IdentityLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Made the fleet's certificate authority: {Path}. Back it up together with its key")]
    public static partial void AuthorityMade(ILogger logger, string path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} could be read by others; its mode is 0600 again. Think about who may have read it")]
    public static partial void KeyWasReadable(ILogger logger, string path);

    [LoggerMessage(Level = LogLevel.Information, Message = "Made a server certificate for {Names}")]
    public static partial void ServerCertificateMade(ILogger logger, ServerNames names);

    [LoggerMessage(Level = LogLevel.Error, Message = "The server certificate could not be renewed")]
    public static partial void ServerCertificateFailed(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Wrote the first admin's credential to {Path}. Make operators of their own for people (fleet operator create), then remove it")]
    public static partial void FirstAdmin(ILogger logger, string path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The last use of an operator's credential could not be noted")]
    public static partial void UseNotNoted(ILogger logger, Exception exception);
}
