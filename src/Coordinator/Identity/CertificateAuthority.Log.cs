namespace Fleet.Coordinator.Identity;

internal sealed partial class CertificateAuthority
{
    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Made the fleet's certificate authority: {Path}. Back it up together with its key")]
    private static partial void AuthorityMade(ILogger logger, string path);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "{Path} could be read by others; its mode is 0600 again. Think about who may have read it")]
    private static partial void KeyWasReadable(ILogger logger, string path);
}
