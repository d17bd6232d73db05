namespace Fleet.Coordinator.Errors;

internal sealed partial class UnexpectedFailure
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} had no answer from a grain")]
    private static partial void LogNoAnswer(ILogger logger, string method, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} failed unexpectedly ({TraceId})")]
    private static partial void Log(ILogger logger, string method, string traceId, Exception exception);
}
