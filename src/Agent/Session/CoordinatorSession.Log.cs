using Fleet.Protocol.V1;
using Microsoft.Extensions.Logging;

namespace Fleet.Agent.Session;

internal sealed partial class CoordinatorSession
{
    private readonly ILogger _logger = logger;

    [LoggerMessage(LogLevel.Information, "Session {SessionId} with coordinator {CoordinatorVersion} (protocol revision {Revision}) begins")]
    private partial void LogBegun(string sessionId, string coordinatorVersion, int revision);

    [LoggerMessage(LogLevel.Warning, "The clocks differ: {Difference}")]
    private partial void LogSkew(string difference);

    [LoggerMessage(LogLevel.Warning, "Notice from the coordinator: {Code}: {Message}")]
    private partial void LogNotice(SessionNoticeCode code, string message);

    [LoggerMessage(LogLevel.Information, "Assignment {Revision} with {Policies} policies was stored on disk")]
    private partial void LogAssignment(long revision, int policies);

    [LoggerMessage(LogLevel.Error, "Assignment {Revision} could not be stored on disk: {Problem}")]
    private partial void LogAssignmentNotSaved(long revision, string problem);
}
