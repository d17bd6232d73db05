using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Edge;

/// <summary>What the coordinator says in a session, after the checks: nothing behind the session sees a message of its own.</summary>
internal abstract record CoordinatorWord
{
    private const int MaxReasonBytes = 4 * 1024;

    private CoordinatorWord()
    {
    }

    /// <summary>It lives. A number that is not 0 wants an answer.</summary>
    internal sealed record Beat(long Number) : CoordinatorWord;

    internal sealed record Acknowledged(long Outbox, long Metrics, long Storage) : CoordinatorWord;

    internal sealed record Run(RunOrder Order) : CoordinatorWord;

    internal sealed record Refuse(RefusedOrder Order) : CoordinatorWord;

    internal sealed record Cancel(RunId RunId, string Reason) : CoordinatorWord;

    internal sealed record Assign(HostAssignment Assignment) : CoordinatorWord;

    internal sealed record Notice(SessionNoticeCode Code, string Message) : CoordinatorWord;

    /// <summary>It cannot be used, for that reason, which is safe to show.</summary>
    internal sealed record Unusable(string Problem) : CoordinatorWord;

    /// <summary>Never fails.</summary>
    public static CoordinatorWord Read(CoordinatorMessage message)
    {
        switch (message.KindCase)
        {
            case CoordinatorMessage.KindOneofCase.Acknowledge:
                var numbers = new WireFields("acknowledge");
                var acknowledged = new Acknowledged(
                    numbers.Number("outbox_sequence", message.Acknowledge.OutboxSequence, 0, long.MaxValue),
                    numbers.Number("metrics_sequence", message.Acknowledge.MetricsSequence, 0, long.MaxValue),
                    numbers.Number("storage_generation", message.Acknowledge.StorageGeneration, 0, long.MaxValue));
                return numbers.Good ? acknowledged : new Unusable(numbers.Problem);
            case CoordinatorMessage.KindOneofCase.Run:
                return RunOrder.Read(message.Run, out var problem) switch
                {
                    RunOrder order => new Run(order),
                    RefusedOrder refused => new Refuse(refused),
                    _ => new Unusable(problem),
                };
            case CoordinatorMessage.KindOneofCase.Cancel:
                var fields = new WireFields("cancel");
                return fields.RunId("run_id", message.Cancel.RunId) is { } runId
                    ? new Cancel(runId, message.Cancel.Reason.Length <= MaxReasonBytes ? message.Cancel.Reason : message.Cancel.Reason[
                        ..MaxReasonBytes])
                    : new Unusable(fields.Problem);
            case CoordinatorMessage.KindOneofCase.Assignment:
                return HostAssignment.Read(message.Assignment, out var whole) is { } assignment
                    ? new Assign(assignment)
                    : new Unusable(whole);
            case CoordinatorMessage.KindOneofCase.Notice:
                return new Notice(message.Notice.Code, message.Notice.Message);
            case CoordinatorMessage.KindOneofCase.Welcome:
                return new Unusable("welcome: a second one in one session");
            case CoordinatorMessage.KindOneofCase.Heartbeat:
                return new Beat(message.Heartbeat.Number);
            default:
                // A message of a later revision: it shows that the coordinator lives.
                return new Beat(0);
        }
    }
}
