using Fleet.Coordinator.Clock;
using Fleet.Coordinator.State.Hosts;
using Fleet.Coordinator.State.Runs;
using Fleet.Coordinator.State.Scheduling;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Grpc.Core;

namespace Fleet.Coordinator.Grains;

/// <summary>
/// Holds what is known about the host's session; everything else is in the store. A grain that is activated again learns of its session
/// at the session's next heartbeat.
/// </summary>
[GrainType("host")]
internal sealed partial class HostGrain(FleetStore store, TrustedTime trustedTime, TimeProvider clock, ILogger<HostGrain> log)
    : Grain, IHostGrain
{
    /// <summary>How long an agent that is cut off waits before it fires its own schedule.</summary>
    private static readonly TimeSpan AutonomyGrace = TimeSpan.FromSeconds(30);

    /// <summary>How long the first of two sessions has to show that it is alive.</summary>
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(5);

    private LiveSession? _session;
    private (string SessionId, long Number, TaskCompletionSource Answered)? _probe;

    /// <summary>A session that missed a message must end, since only a new hello makes up for what was lost.</summary>
    private string? _lostSessionId;

    private string HostId => this.GetPrimaryKeyString();

    public async Task<SessionAdmission> OpenSessionAsync(SessionOpening opening, ISessionObserver observer)
    {
        var hello = Hello.Parser.ParseFrom(opening.Hello);
        var host = await store.ReadAsync(reader => HostStore.FindById(reader, HostId));
        if (host is null || host.RemovedAt is not null)
        {
            return SessionAdmission.Refused(SessionEnds.Revoked(host?.Name ?? HostId));
        }

        if (_session is { } first)
        {
            if (first.Claim.InstanceId != hello.InstanceId && await AnswersAsync(first))
            {
                return await RefuseDuplicateAsync(host, hello, opening.Address, first);
            }

            await EndAsync(first, SessionEnds.Replaced);
        }

        var offset = (hello.SentAt?.ToDateTimeOffset() ?? opening.ReceivedAt) - opening.ReceivedAt;
        var changed = await store.WriteAsync(transaction =>
        {
            var row = HostStore.FindById(transaction, HostId)!;
            return SessionStore.Open(transaction, row, hello, opening.SessionId, opening.Address, offset) is { } labels
                ? Assignments.HostChanged(transaction, HostId, row.Name, labels)
                : [];
        });
        _session = new LiveSession(
            observer,
            new SessionClaim(opening.SessionId, hello.InstanceId, opening.Address, hello.Facts?.MachineIdHash ?? "", CaughtUp: false));
        foreach (var policy in changed)
        {
            GrainFactory.GetGrain<IPolicyGrain>(policy).RefreshAsync().Forget();
        }

        var (row, assignment) = await store.ReadAsync(reader =>
            (HostStore.FindById(reader, HostId)!, Assignments.Build(reader, HostId, AutonomyGrace)));
        List<OutgoingMessage> messages = [RunCommands.Pack(new CoordinatorMessage { Assignment = assignment })];
        if (offset.Duration() > SessionStore.TolerableSkew)
        {
            messages.Add(RunCommands.Notice(
                SessionNoticeCode.ClockSkew,
                $"the clock of this host is {SessionStore.Describe(offset)}: set it right (timedatectl set-ntp true), or schedules "
                + "and freshness go wrong"));
        }

        return new SessionAdmission(null, row.OutboxId, row.OutboxSequence, messages);
    }

    public async Task<bool> RenewSessionAsync(SessionClaim claim, ISessionObserver observer)
    {
        if (claim.SessionId == _lostSessionId)
        {
            return false;
        }

        if (_session is null)
        {
            // This activation is new: the store knows which session is the host's.
            var host = await store.ReadAsync(reader => HostStore.FindById(reader, HostId));
            if (host is not { RemovedAt: null, Connected: true } || host.SessionId != claim.SessionId)
            {
                return false;
            }
        }
        else if (_session.Claim.SessionId != claim.SessionId)
        {
            return false;
        }

        var confirmed = _session?.Confirmed ?? false;
        if (!confirmed)
        {
            await store.WriteAsync(transaction => SessionStore.Confirm(transaction, HostId, claim.SessionId));
        }

        _session = new LiveSession(observer, claim) { Confirmed = true };
        return true;
    }

    public Task AnsweredAsync(string sessionId, long number)
    {
        if (_probe is { } probe && probe.SessionId == sessionId && probe.Number == number)
        {
            probe.Answered.TrySetResult();
        }

        return Task.CompletedTask;
    }

    public async Task CloseSessionAsync(string sessionId, string reason)
    {
        if (_session?.Claim.SessionId == sessionId)
        {
            _session = null;
        }

        await store.WriteAsync(transaction => SessionStore.Close(transaction, HostId, sessionId, reason));
    }

    public async Task ResumeAsync(string sessionId, IReadOnlyList<RunningAttempt> running)
    {
        if (_session is not { } session || session.Claim.SessionId != sessionId)
        {
            return;
        }

        _session = session with { Claim = session.Claim with { CaughtUp = true } };
        var known = running.ToHashSet();
        foreach (var run in await store.ReadAsync(reader => RunStore.Active(reader, HostId)))
        {
            if (!known.Contains(new RunningAttempt(run.RunId, run.Attempt)))
            {
                // It is the same attempt: the agent's journal knows whether it began, and the agent answers with the result if it has
                // ended.
                SentAgain(log, HostId, run.RunId, run.Attempt);
                await SendAsync(RunCommands.Start(run));
            }

            if (run.CancelReason is { } reason)
            {
                await SendAsync(RunCommands.Cancel(run.RunId, reason));
            }
        }

        await DispatchAsync();
    }

    public async Task DispatchAsync()
    {
        if (_session is not { Claim.CaughtUp: true })
        {
            return;
        }

        var (send, catchUp) = await store.WriteAsync(transaction => DispatchPlan.Take(transaction, HostId, trustedTime.GetUtcNow()));
        foreach (var run in send)
        {
            using var activity = RunTracing.Start("run dispatch", run);
            await SendAsync(RunCommands.Start(run));
        }

        foreach (var policy in catchUp)
        {
            GrainFactory.GetGrain<IPolicyGrain>(policy).RefreshAsync().Forget();
        }
    }

    public Task CancelAsync(string runId, string reason) => SendAsync(RunCommands.Cancel(runId, reason));

    public async Task AssignmentChangedAsync()
    {
        if (_session is not null)
        {
            var assignment = await store.ReadAsync(reader => Assignments.Build(reader, HostId, AutonomyGrace));
            await SendAsync(RunCommands.Pack(new CoordinatorMessage { Assignment = assignment }));
        }
    }

    public async Task RevokeAsync(string reason)
    {
        if (_session is { } session)
        {
            await SendAsync(RunCommands.Notice(SessionNoticeCode.Revoked, $"this host was removed from the fleet: {reason}"));
            await EndAsync(session, SessionEnds.Revoked(HostId));
            _session = null;
        }
    }

    private async Task<bool> AnswersAsync(LiveSession session)
    {
        var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var number = Random.Shared.NextInt64(1, long.MaxValue);
        _probe = (session.Claim.SessionId, number, answered);
        try
        {
            await session.Observer.SendAsync(RunCommands.Pack(new CoordinatorMessage
            {
                Heartbeat = new CoordinatorHeartbeat
                {
                    SentAt = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(clock.GetUtcNow()),
                    Number = number,
                },
            }));
            await answered.Task.WaitAsync(ProbeTimeout, clock);
            return true;
        }
        catch (Exception exception) when (GrainFailure.IsUnreachable(exception))
        {
            return false;
        }
        finally
        {
            _probe = null;
        }
    }

    private async Task<SessionAdmission> RefuseDuplicateAsync(HostRow host, Hello second, string address, LiveSession first)
    {
        DuplicateRefused(log, HostId, first.Claim.Address, address);
        await store.WriteAsync(transaction => DuplicateIdentity.Found(
            transaction, host, second, address, first.Claim.Address, first.Claim.MachineIdHash));
        await SendAsync(RunCommands.Notice(
            SessionNoticeCode.DuplicateIdentity,
            $"another machine ({address}) came with this host's identity and was refused: if this one is the copy, remove its "
            + "identity and enrol it again"));
        return SessionAdmission.Refused(new SessionEnd(
            (int)StatusCode.AlreadyExists,
            (int)Reason.DuplicateIdentity,
            $"{host.Name} has a live session from {first.Claim.Address}: this machine uses the same identity",
            "if this machine is a clone, delete its identity (/var/lib/fleet-agent) and enrol it with a token of its own"));
    }

    private async Task SendAsync(OutgoingMessage message)
    {
        if (_session is not { } session)
        {
            return;
        }

        try
        {
            await session.Observer.SendAsync(message);
        }
        catch (Exception exception) when (GrainFailure.IsUnreachable(exception))
        {
            // The stream is gone, and its end has not been reported yet. Everything is sent again after the next hello.
            ObserverFailed(log, HostId, exception);
            _lostSessionId = session.Claim.SessionId;
            _session = null;
        }
    }

    private async Task EndAsync(LiveSession session, SessionEnd end)
    {
        try
        {
            await session.Observer.EndAsync(end);
        }
        catch (Exception exception) when (GrainFailure.IsUnreachable(exception))
        {
            ObserverFailed(log, HostId, exception);
        }
    }

    private sealed record LiveSession(ISessionObserver Observer, SessionClaim Claim)
    {
        public bool Confirmed { get; init; }
    }
}
