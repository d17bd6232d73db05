using System.Security.Authentication;
using System.Security.Cryptography;
using Fleet.Agent.Connection;
using Fleet.Agent.Enrolment;
using Fleet.Agent.Logging;
using Fleet.Agent.Runs;
using Fleet.Protocol.V1;
using Fleet.Schedules;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Fleet.Agent.Session;

/// <summary>
/// Keeps a session open: waits for an identity, dials the addresses in turn, comes back after failures with jittered pauses,
/// and takes up a new identity or certificate when there is one.
/// </summary>
internal sealed partial class SessionClient(
    SessionServices services, IdentityStore identities, CertificateRenewal renewal, RunSettings settings, Action<string> status,
    ILogger logger)
{
    private static readonly TimeSpan IdentityPoll = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RefusedPause = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LivedLong = TimeSpan.FromSeconds(30);

    private readonly Backoff _backoff = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(8), Random.Shared);
    private readonly Backoff _refusedBackoff = new(RefusedPause, RefusedPause, Random.Shared);
    private readonly TimeProvider _time = services.Time;
    private int _failures;
    private int _address;
    private string _toldProblem = "";
    private bool _connected;
    private long _progressAt = services.Time.GetTimestamp();

    /// <summary>A session has begun or ended. Must only hand on.</summary>
    public event System.Action? ConnectedChanged;

    /// <summary>True if a session is open and alive.</summary>
    public bool Connected
    {
        get => Volatile.Read(ref _connected);
        private set
        {
            if (Interlocked.Exchange(ref _connected, value) != value)
            {
                ConnectedChanged?.Invoke();
            }
        }
    }

    /// <summary>
    /// How long ago this loop last went round, or its session's heart beat. Every wait in both is bounded, so a large value means
    /// that one hangs.
    /// </summary>
    public TimeSpan SinceProgress => _time.GetElapsedTime(Interlocked.Read(ref _progressAt));

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            GoesOn();
            var identity = identities.Load(out var problem);
            if (identity is null)
            {
                Wait(problem.Length > 0
                    ? problem
                    : "not enrolled: run `fleet-agent enroll ADDRESS TOKEN` with a token of `fleet token create`");
                await Task.Delay(IdentityPoll, _time, cancellationToken);
                continue;
            }

            _toldProblem = "";
            (settings.HostId, settings.HostName, settings.FleetId) = (identity.HostId, identity.Name, identity.FleetId);
            var version = identities.Version;
            var addresses = services.Options().Coordinators is { Count: > 0 } configured ? configured : identity.Coordinators;
            var address = addresses[_address % addresses.Count];
            var started = _time.GetTimestamp();
            var end = await SessionAsync(identity, version, address, cancellationToken);
            Connected = false;
            if (end == SessionOutcome.Lost)
            {
                _address++;
            }

            _failures = _time.GetElapsedTime(started) > LivedLong || end == SessionOutcome.ComeBack ? 1 : _failures + 1;
            await PauseAsync(
                end == SessionOutcome.Refused ? _refusedBackoff.After(1) : _backoff.After(_failures), version, cancellationToken);
        }
    }

    private async Task<SessionOutcome> SessionAsync(
        HostIdentity identity, DateTime version, string address, CancellationToken cancellationToken)
    {
        status($"connecting to {address}");
        if (identity.ExpiresAt <= _time.GetUtcNow())
        {
            LogExpired(identity.ExpiresAt);
            return await RenewExpiredAsync(identity, address, cancellationToken);
        }

        try
        {
            using var channel = CoordinatorChannel.Pinned(address, identity.Authority, identity.Certificate);
            var session = new CoordinatorSession(services, identity, channel.CreateCallInvoker(), _logger)
            {
                Housekeeping = async (connection, token) =>
                {
                    GoesOn();
                    return identities.Version != version || await renewal.RenewIfDueAsync(identity, connection, token);
                },
            };
            session.Welcomed += () =>
            {
                Connected = true;
                status($"connected to {address} as {identity.Name}");
            };
            return await session.RunAsync(cancellationToken);
        }
        catch (RpcException e)
        {
            cancellationToken.ThrowIfCancellationRequested();

            // It may have expired by the coordinator's clock only; where it is unknown, the renewal is refused just so.
            return RpcFailure.Reason(e) == Reason.IdentityInvalid
                ? await RenewExpiredAsync(identity, address, cancellationToken)
                : Explain(e, address);
        }
        catch (Exception e) when (e is TimeoutException or IOException or AuthenticationException or HttpRequestException)
        {
            LogLost(address, LogText.Escape(e.Message));
            status($"{address}: {e.Message}");
            return SessionOutcome.Lost;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            LogLost(address, "the call was cancelled");
            return SessionOutcome.Lost;
        }
    }

    /// <summary>A certificate that has expired opens no session, but still gets its successor.</summary>
    private async Task<SessionOutcome> RenewExpiredAsync(HostIdentity identity, string address, CancellationToken cancellationToken)
    {
        try
        {
            using var channel = CoordinatorChannel.Pinned(address, identity.Authority, identity.Certificate);
            await renewal.RenewAsync(identity, channel.CreateCallInvoker(), cancellationToken);
            return SessionOutcome.ComeBack;
        }
        catch (RpcException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Explain(e, address);
        }
        catch (Exception e) when (e is CryptographicException or IOException)
        {
            LogLost(address, LogText.Escape(e.Message));
            status($"{address}: the host certificate expired at {identity.ExpiresAt:u} and was not renewed: {e.Message}");
            return SessionOutcome.Lost;
        }
    }

    private SessionOutcome Explain(RpcException e, string address)
    {
        var described = RpcFailure.Describe(e);
        string? whatToDo = RpcFailure.Reason(e) switch
        {
            Reason.DuplicateIdentity =>
                "another machine uses this host's identity, as a clone does. On the machine that is not the original, remove the identity "
                    + "folder of the state directory and enrol again with `fleet-agent enroll --force ADDRESS TOKEN`",
            Reason.IdentityRevoked =>
                "this host was removed from the fleet. To bring it back: `fleet-agent enroll --force ADDRESS TOKEN` with a new token",
            Reason.IdentityInvalid or Reason.NoIdentity =>
                "the coordinator does not know this host's certificate. Is it the right coordinator? If so: `fleet-agent enroll --force "
                    + "ADDRESS TOKEN` with a new token",
            Reason.ProtocolUnsupported =>
                $"this agent speaks protocol revision {CoordinatorSession.ProtocolRevision}, which that coordinator does not: upgrade "
                    + $"both to the same release, the coordinator first",
            Reason.ClockSkew =>
                "this host's clock is too far from the coordinator's: set it (timedatectl set-ntp true)",
            _ => null,
        };
        if (whatToDo is null)
        {
            LogLost(address, described);
            status($"{address}: {described}");
            return SessionOutcome.Lost;
        }

        LogRefused(address, described, whatToDo);
        status($"refused by {address}: {whatToDo}");
        return SessionOutcome.Refused;
    }

    /// <summary>Waits, but no longer than until another identity is there.</summary>
    private async Task PauseAsync(TimeSpan pause, DateTime version, CancellationToken cancellationToken)
    {
        var until = _time.GetTimestamp();
        while (_time.GetElapsedTime(until) is var waited && waited < pause && identities.Version == version)
        {
            GoesOn();
            var rest = pause - waited;
            await Task.Delay(rest < IdentityPoll ? rest : IdentityPoll, _time, cancellationToken);
        }
    }

    private void GoesOn() => Interlocked.Exchange(ref _progressAt, _time.GetTimestamp());

    private void Wait(string problem)
    {
        status(problem);
        if (_toldProblem != problem)
        {
            _toldProblem = problem;
            LogWaits(LogText.Escape(problem));
        }
    }
}
