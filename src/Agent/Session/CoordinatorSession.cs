using Fleet.Agent.Edge;
using Fleet.Agent.Enrolment;
using Fleet.Agent.Logging;
using Fleet.Agent.Timing;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Fleet.Agent.Session;

/// <summary>One session with one coordinator, from Hello to its end.</summary>
internal sealed partial class CoordinatorSession(SessionServices services, HostIdentity identity, CallInvoker connection, ILogger logger)
{
    /// <summary>The revision of agent.proto that this agent speaks.</summary>
    public const int ProtocolRevision = 1;

    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(3);

    private readonly OutgoingMessages _outgoing = new(services.Queue, services.Outbox, services.Backlog);
    private long _lastReceived;

    /// <summary>The coordinator has answered with Welcome.</summary>
    public event System.Action? Welcomed;

    /// <summary>Called a few times per minute while the session lives. True: end it and open another.</summary>
    public Func<CallInvoker, CancellationToken, Task<bool>> Housekeeping { get; init; } = static (_, _) => Task.FromResult(false);

    /// <exception cref="RpcException">The coordinator refused, or the connection failed.</exception>
    /// <exception cref="TimeoutException">Nothing came for three heartbeats.</exception>
    public async Task<SessionOutcome> RunAsync(CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var call = new AgentService.AgentServiceClient(connection).Session(new CallOptions(cancellationToken: ending.Token));
        await SendHelloAsync(call.RequestStream, ending.Token);
        var welcome = await ReceiveWelcomeAsync(call, ending);
        Begin(welcome);
        services.Queue.Open();
        services.Inventory.SessionOpened();
        try
        {
            Task<SessionOutcome>[] parts =
            [
                ReadAsync(call.ResponseStream, ending.Token),
                WriteAsync(call.RequestStream, ending.Token),
                BeatAsync(welcome.Heartbeat, ending.Token),
            ];
            var first = await Task.WhenAny(parts);
            if (first == parts[1])
            {
                // A write that fails says less than the status that the coordinator ended the call with, which the read is about to get.
                await Task.WhenAny(parts[0], Task.Delay(EndTimeout, services.Time, cancellationToken));
                first = parts[0].IsCompleted ? parts[0] : first;
            }

            try
            {
                await Task.WhenAll([ending.CancelAsync(), .. parts]).WaitAsync(EndTimeout, services.Time, cancellationToken);
            }
            catch (Exception e) when (
                e is RpcException or IOException or OperationCanceledException or TimeoutException or InvalidOperationException)
            {
                // Only the first end counts; the others followed from it.
            }

            return await first;
        }
        finally
        {
            services.Queue.Close();
        }
    }

    private void Begin(SessionGreeting welcome)
    {
        _lastReceived = services.Time.GetTimestamp();
        if (welcome.OutboxId == services.Outbox.Id)
        {
            _outgoing.ResumeAfter(welcome.AcknowledgedSequence);
        }

        services.State.Save(welcome.SessionId);
        if (welcome.MetricsInterval is { } interval)
        {
            services.Metrics.SetInterval(interval);
        }

        if (welcome.SentAt is { } sentAt)
        {
            services.Clock.Observe(sentAt);
            if (services.Clock.Explain() is { } difference)
            {
                LogSkew(difference);
            }
        }

        if (welcome.Problem.Length > 0)
        {
            services.Refused.Add(welcome.Problem);
        }

        LogBegun(welcome.SessionId, LogText.Escape(welcome.CoordinatorVersion), welcome.ProtocolRevision);
        Welcomed?.Invoke();
    }

    private async Task<SessionOutcome> ReadAsync(IAsyncStreamReader<CoordinatorMessage> messages, CancellationToken cancellationToken)
    {
        while (await messages.MoveNext(cancellationToken))
        {
            Interlocked.Exchange(ref _lastReceived, services.Time.GetTimestamp());
            if (Handle(CoordinatorWord.Read(messages.Current)) is { } end)
            {
                return end;
            }
        }

        return SessionOutcome.ComeBack;
    }

    private SessionOutcome? Handle(CoordinatorWord word)
    {
        switch (word)
        {
            case CoordinatorWord.Beat { Number: not 0 } beat:
                SendHeartbeat(beat.Number);
                return null;
            case CoordinatorWord.Acknowledged acknowledged:
                _outgoing.Acknowledge(acknowledged.Outbox, acknowledged.Metrics);
                services.Inventory.Acknowledge(acknowledged.Storage);
                return null;
            case CoordinatorWord.Run run:
                services.Runs.Submit(run.Order);
                return null;
            case CoordinatorWord.Refuse refuse:
                services.Runs.Refuse(refuse.Order);
                return null;
            case CoordinatorWord.Cancel cancel:
                services.Runs.Cancel(cancel.RunId, cancel.Reason);
                return null;
            case CoordinatorWord.Assign assign:
                Apply(assign.Assignment);
                return null;
            case CoordinatorWord.Notice notice:
                LogNotice(notice.Code, LogText.Escape(notice.Message));
                return notice.Code switch
                {
                    SessionNoticeCode.GoingAway => SessionOutcome.ComeBack,
                    SessionNoticeCode.Revoked => SessionOutcome.Refused,
                    _ => null,
                };
            case CoordinatorWord.Unusable unusable:
                services.Refused.Add(unusable.Problem);
                return null;
            default:
                // A heartbeat that wants no answer.
                return null;
        }
    }

    private void Apply(HostAssignment assignment)
    {
        try
        {
            services.Assignments.Save(assignment);
            services.Queue.TryAdd(new AgentMessage { AssignmentApplied = new AssignmentApplied { Revision = assignment.Revision } });
            LogAssignment(assignment.Revision, assignment.Policies.Count);
        }
        catch (IOException e)
        {
            // Not confirmed, so it comes again with the next session.
            LogAssignmentNotSaved(assignment.Revision, e.Message);
        }

        foreach (var (policy, problem) in assignment.Problems)
        {
            services.Refused.AddPolicy(policy, problem);
        }
    }

    private async Task<SessionOutcome> WriteAsync(IClientStreamWriter<AgentMessage> messages, CancellationToken cancellationToken)
    {
        while (true)
        {
            // Asked for before looking, so that nothing that comes in between is missed.
            var (queued, recorded) = (services.Queue.Changed, services.Outbox.Added);
            if (_outgoing.Next() is { } message)
            {
                await messages.WriteAsync(message, cancellationToken);
            }
            else
            {
                await Task.WhenAny(queued, recorded).WaitAsync(cancellationToken);
            }
        }
    }

    private async Task<SessionOutcome> BeatAsync(TimeSpan interval, CancellationToken cancellationToken)
    {
        var wakeUp = new WakeUp(services.Timer);
        while (true)
        {
            // Along with the metrics when they come shortly before. It may never be later: the coordinator counts the missing ones.
            await wakeUp.WaitAsync(interval, interval / 4, cancellationToken);
            var silent = services.Time.GetElapsedTime(Interlocked.Read(ref _lastReceived));
            if (silent >= interval * 3)
            {
                throw new TimeoutException($"the coordinator was silent for {silent.TotalSeconds:0} s");
            }

            SendHeartbeat(answerTo: 0);
            if (await Housekeeping(connection, cancellationToken))
            {
                return SessionOutcome.ComeBack;
            }
        }
    }

    private void SendHeartbeat(long answerTo) => services.Queue.TryAdd(new AgentMessage
    {
        Heartbeat = new AgentHeartbeat
        {
            SentAt = Now(),
            AnswerTo = answerTo,
            OutboxBytes = services.Outbox.WaitingBytes + services.Backlog.SizeBytes,
            StateError = services.Ledger.StateError,
        },
    });

    private Timestamp Now() => Timestamp.FromDateTimeOffset(services.Time.GetUtcNow());
}
