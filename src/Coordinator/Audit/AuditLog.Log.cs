namespace Fleet.Coordinator.Audit;

internal sealed partial class AuditLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Old entries of the audit log could not be removed")]
    private static partial void PruneFailed(ILogger logger, Exception exception);
}
