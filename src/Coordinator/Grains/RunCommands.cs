using Fleet.Coordinator.State.Runs;
using Fleet.Protocol.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.Grains;

/// <summary>Builds messages to agents about runs. Pure.</summary>
internal static class RunCommands
{
    public static OutgoingMessage Start(RunRow run) => Pack(new CoordinatorMessage
    {
        Run = new RunCommand
        {
            RunId = run.RunId,
            Attempt = run.Attempt,
            Policy = run.Policy,
            PolicyRevision = run.PolicyRevision,
            Action = run.Action,
            Timeout = Duration.FromTimeSpan(run.Timeout),
            ScheduledAt = Timestamp.FromDateTimeOffset(run.ScheduledAt),
            ExpiresAt = Timestamp.FromDateTimeOffset(run.ExpiresAt),
            Trigger = run.Trigger,
            Traceparent = RunTracing.TraceParent(run),
            BeganBefore = run.State == RunState.Running,
        },
    });

    public static OutgoingMessage Cancel(string runId, string reason) =>
        Pack(new CoordinatorMessage { Cancel = new CancelRun { RunId = runId, Reason = reason } });

    public static OutgoingMessage Notice(SessionNoticeCode code, string message) =>
        Pack(new CoordinatorMessage { Notice = new SessionNotice { Code = code, Message = message } });

    public static OutgoingMessage Pack(CoordinatorMessage message) => new(message.ToByteArray());
}
