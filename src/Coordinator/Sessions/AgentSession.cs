using System.Threading.Channels;
using Fleet.Coordinator.Connections;
using Fleet.Coordinator.Grains;
using Fleet.Coordinator.Limits;
using Fleet.Coordinator.Metrics;
using Fleet.Coordinator.Snapshots;
using Fleet.Coordinator.State.Hosts;
using Fleet.Coordinator.State.Runs;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Fleet.Coordinator.Sessions;

/// <summary>
/// One host's stream, from its admission to its end. It has three loops: one reads, one writes, one commits the outbox. The first to end
/// ends the session.
/// </summary>
internal sealed partial class AgentSession(
    SessionServices services, HostRow host, Hello hello, string sessionId, string address, SessionOutput output, ISessionObserver reference)
{
    /// <summary>Most outbox entries that wait for their commit; beyond this, the stream is not read.</summary>
    private const int MaxWaitingEntries = 512;

    /// <summary>If an agent has sent no entry for this long, it has none to send, whatever its hello says.</summary>
    private static readonly TimeSpan NothingMoreAfter = TimeSpan.FromSeconds(30);

    /// <summary>Most entries in one transaction, which must be short.</summary>
    private const int MaxEntriesPerCommit = 64;

    private readonly Channel<OutboxEntry> _entries = Channel.CreateBounded<OutboxEntry>(
        new BoundedChannelOptions(MaxWaitingEntries) { SingleReader = true });
    private readonly StorageIntake _storage = new(services.Store, host.HostId, services.Budgets, services.Clock, services.Log);
    private readonly DurableFilter _filter = new(services.Budgets.Of(host.HostId));
    private readonly IHostGrain _grain = services.Grains.GetGrain<IHostGrain>(host.HostId);
    private readonly ClockOffsetWatch _clockOffset = new(
        (hello.SentAt?.ToDateTimeOffset() ?? services.Clock.GetUtcNow()) - services.Clock.GetUtcNow(), services.Clock);
    private long _readingSince = -1;
    private long _entryAt = services.Clock.GetTimestamp();
    private int _resumed;
    private string _stateError = "";
    private Task _renewing = Task.CompletedTask;

    private TimeProvider Clock => services.Clock;

    private bool CaughtUp => Volatile.Read(ref _resumed) != 0;

    /// <summary>Runs until the stream ends.</summary>
    /// <returns>Why it ended, for people; <c>End</c> is null if the agent or the network ended it.</returns>
    public async Task<(SessionEnd? End, string Reason)> RunAsync(
        IAsyncStreamReader<AgentMessage> incoming,
        IServerStreamWriter<CoordinatorMessage> outgoing,
        bool caughtUp,
        CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var room = services.Room.Open();
        var writing = output.WriteAllAsync(outgoing, stop.Token);
        var reading = ReadAsync(incoming, room, stop.Token);
        var committing = CommitAsync(room, stop.Token);
        var beating = BeatAsync(stop.Token);
        var resuming = caughtUp ? ResumeAsync() : Task.CompletedTask;
        Task first = await Task.WhenAny(output.Ended, reading, committing, beating, writing, FailureOf(resuming));
        if (first == output.Ended)
        {
            // Messages queued before the end, for example a notice, are still to be sent.
            await Task.WhenAny(writing, Task.Delay(TimeSpan.FromSeconds(2), Clock, CancellationToken.None));
        }

        await stop.CancelAsync();
        await Task.WhenAll(Swallow(writing), Swallow(reading), Swallow(committing), Swallow(beating), Swallow(resuming));
        _renewing.Forget();
        if (output.Ended.IsCompletedSuccessfully)
        {
            var end = await output.Ended;
            return (end, end.Message);
        }

        return (null, ReasonOf(first, cancellationToken));
    }

    private async Task ReadAsync(IAsyncStreamReader<AgentMessage> incoming, EntryRoom.Session room, CancellationToken cancellationToken)
    {
        using var metrics = services.Metrics.OpenSession(host.HostId, host.Name);
        while (true)
        {
            // The connection is dead if nothing arrives while we listen; time that we spend on our own work does not count.
            Volatile.Write(ref _readingSince, Clock.GetTimestamp());
            bool more;
            try
            {
                more = await incoming.MoveNext(cancellationToken);
            }
            catch (RpcException exception) when (exception.StatusCode == StatusCode.InvalidArgument)
            {
                output.End(new SessionEnd((int)StatusCode.InvalidArgument, (int)Reason.InvalidArgument, exception.Status.Detail, ""));
                return;
            }

            Volatile.Write(ref _readingSince, -1);
            if (!more)
            {
                return;
            }

            services.Registry.Seen(host.HostId);
            await TakeAsync(incoming.Current, metrics, room, cancellationToken);
        }
    }

    private async ValueTask TakeAsync(
        AgentMessage message, IMetricSession metrics, EntryRoom.Session room, CancellationToken cancellationToken)
    {
        switch (message.KindCase)
        {
            case AgentMessage.KindOneofCase.Outbox:
                Volatile.Write(ref _entryAt, Clock.GetTimestamp());
                ResultCaps.Apply(message.Outbox);
                await room.EnterAsync(EntryRoom.SizeOf(message.Outbox), cancellationToken);
                await _entries.Writer.WriteAsync(message.Outbox, cancellationToken);
                break;
            case AgentMessage.KindOneofCase.Heartbeat:
                await TakeHeartbeatAsync(message.Heartbeat, cancellationToken);
                break;
            case AgentMessage.KindOneofCase.Metrics:
                metrics.Accept(message.Metrics);
                if (message.Metrics.Sequence > 0)
                {
                    output.TrySend(new CoordinatorMessage { Acknowledge = new Acknowledge { MetricsSequence = message.Metrics.Sequence } });
                }

                break;
            case AgentMessage.KindOneofCase.Progress:
                await services.Live.ProgressAsync(host.HostId, host.Name, message.Progress);
                break;
            case AgentMessage.KindOneofCase.Log:
                await services.Live.LogAsync(host.HostId, host.Name, message.Log);
                break;
            case AgentMessage.KindOneofCase.Storage:
                if (await _storage.TakeAsync(message.Storage, cancellationToken) is > 0 and var generation)
                {
                    output.TrySend(new CoordinatorMessage { Acknowledge = new Acknowledge { StorageGeneration = generation } });
                }

                break;
            case AgentMessage.KindOneofCase.Hello:
                output.End(new SessionEnd(
                    (int)StatusCode.InvalidArgument, (int)Reason.InvalidArgument, "a second Hello in one session", ""));
                break;
            default:
                // AssignmentApplied needs no answer; messages that a newer agent may add are ignored.
                break;
        }
    }

    private async Task TakeHeartbeatAsync(AgentHeartbeat heartbeat, CancellationToken cancellationToken)
    {
        if (heartbeat.AnswerTo != 0)
        {
            await _grain.AnsweredAsync(sessionId, heartbeat.AnswerTo);
        }

        if (_renewing.IsCompleted)
        {
            await _renewing;
            _renewing = RenewAsync();
        }

        if (heartbeat.SentAt is { } sentAt
            && _clockOffset.Observe(sentAt.ToDateTimeOffset()) is { } offset
            && services.Budgets.Of(host.HostId).TrySession())
        {
            await services.Store.WriteAsync(
                transaction => SessionStore.ClockMoved(transaction, host.HostId, offset), cancellationToken);
        }

        // Each change is an event, so a state that flaps is reported only as often as the host's budget allows.
        if (heartbeat.StateError != _stateError && services.Budgets.Of(host.HostId).TrySession())
        {
            _stateError = heartbeat.StateError;
            await services.Store.WriteAsync(
                transaction => AgentStateStore.Set(transaction, host, heartbeat.StateError), cancellationToken);
        }
    }

    /// <summary>
    /// Runs in parallel to reading the stream: when another machine comes with this host's identity, the grain may be waiting for an answer
    /// that is still to be read. If reading waited for the grain, this session would look dead.
    /// </summary>
    private async Task RenewAsync()
    {
        var claim = new SessionClaim(sessionId, hello.InstanceId, address, hello.Facts?.MachineIdHash ?? "", CaughtUp);
        if (!await _grain.RenewSessionAsync(claim, reference))
        {
            output.End(SessionEnds.Replaced);
        }
    }

    private async Task CommitAsync(EntryRoom.Session room, CancellationToken cancellationToken)
    {
        var first = true;
        var batch = new List<OutboxEntry>();
        while (await _entries.Reader.WaitToReadAsync(cancellationToken))
        {
            batch.Clear();
            var bytes = 0L;
            while (batch.Count < MaxEntriesPerCommit && bytes < HostLimits.EntryBytesPerCommit && _entries.Reader.TryRead(out var entry))
            {
                batch.Add(entry);
                bytes += EntryRoom.SizeOf(entry);
            }

            IntakeResult result;
            try
            {
                var isFirst = first;
                result = await services.Store.WriteAsync(
                    transaction => OutboxIntake.Commit(transaction, host.HostId, batch, isFirst, _filter), cancellationToken);
                room.Leave(batch.Sum(EntryRoom.SizeOf));
            }
            catch (OutboxOrderException exception)
            {
                output.End(new SessionEnd(
                    (int)StatusCode.InvalidArgument, (int)Reason.InvalidArgument, exception.Message, "send the outbox in its order"));
                return;
            }

            first = false;
            output.TrySend(new CoordinatorMessage { Acknowledge = new Acknowledge { OutboxSequence = result.Sequence } });
            foreach (var run in result.Finished)
            {
                RunTracing.Finished(run);
                services.Live.Forget(run.RunId);
            }

            if (!CaughtUp && result.Sequence >= hello.OutboxLastSequence)
            {
                await ResumeAsync();
            }
            else if (result.Finished.Count > 0)
            {
                await _grain.DispatchAsync();
            }
        }
    }

    private async Task ResumeAsync()
    {
        if (Interlocked.Exchange(ref _resumed, 1) != 0)
        {
            return;
        }

        await _grain.ResumeAsync(sessionId, [.. hello.Running.Select(run => new RunningAttempt(run.RunId, run.Attempt))]);
    }

    private async Task BeatAsync(CancellationToken cancellationToken)
    {
        using var beat = services.Beats.Open();
        while (true)
        {
            await beat.NextAsync(cancellationToken);
            output.TrySend(new CoordinatorMessage
            {
                Heartbeat = new CoordinatorHeartbeat { SentAt = Timestamp.FromDateTimeOffset(Clock.GetUtcNow()) },
            });
            if (!CaughtUp && Clock.GetElapsedTime(Volatile.Read(ref _entryAt)) >= NothingMoreAfter)
            {
                // The missing entries will never arrive, and the host must not wait for them.
                NotCaughtUp(services.Log, host.HostId, sessionId, hello.OutboxLastSequence);
                await ResumeAsync();
            }

            var since = Volatile.Read(ref _readingSince);
            if (since >= 0 && Clock.GetElapsedTime(since) >= SessionServices.DeadAfter)
            {
                throw new TimeoutException($"nothing came for {SessionServices.DeadAfter.TotalSeconds:0} s");
            }
        }
    }

    private string ReasonOf(Task first, CancellationToken cancellationToken)
    {
        if (first.Exception?.InnerException is TimeoutException timeout)
        {
            return timeout.Message;
        }

        if (first.IsCompletedSuccessfully)
        {
            return "the agent ended the stream";
        }

        if (first.Exception?.InnerException is { } exception and not (OperationCanceledException or IOException or RpcException)
            && !cancellationToken.IsCancellationRequested)
        {
            Broke(services.Log, host.HostId, sessionId, exception);
            return "an error in the coordinator";
        }

        return "the connection broke";
    }

    /// <summary>Completes only if the task fails, with its failure.</summary>
    private static async Task FailureOf(Task task)
    {
        await task;
        await Task.Delay(Timeout.InfiniteTimeSpan);
    }

    private static async Task Swallow(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception)
        {
            // Only the reason of the first loop to end counts; these were cancelled.
        }
    }
}
