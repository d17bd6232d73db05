namespace Fleet.Coordinator.Identity;

internal sealed partial class FirstAdmin
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Wrote the first admin's credential to {Path}. Make operators of their own "
        + "for people (fleet operator create), then remove it")]
    private static partial void Created(ILogger logger, string path);
}
