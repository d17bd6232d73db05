using System.Reflection;
using Fleet.Coordinator.Edge;
using Fleet.Coordinator.Errors;
using Fleet.Coordinator.Grains;
using Fleet.Coordinator.Identity;
using Fleet.Coordinator.Limits;
using Fleet.Coordinator.State.Hosts;
using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;
using Fleet.Schedules;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Fleet.Coordinator.Sessions;

/// <summary>AgentService.Session: hello, admission, welcome, and then the session itself.</summary>
internal sealed partial class SessionHandler(SessionServices services)
{
    /// <summary>Revision of agent.proto that this coordinator speaks.</summary>
    public const int ProtocolRevision = 1;

    private static readonly TimeSpan HelloTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MetricsInterval = TimeSpan.FromSeconds(10);

    /// <summary>The version that `--version` prints.</summary>
    public static string Version { get; } =
        typeof(SessionHandler).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
        ?? "";

    public async Task RunAsync(
        IAsyncStreamReader<AgentMessage> raw, IServerStreamWriter<CoordinatorMessage> outgoing, ServerCallContext context)
    {
        var incoming = new CleanMessages(raw);
        var caller = context.Caller();
        if (caller.Kind != CallerKind.Host)
        {
            throw FleetError.Create(
                StatusCode.PermissionDenied,
                Reason.RoleTooLow,
                "only a host can open a session, and the caller is none",
                "connect with the certificate that `fleet-agent enroll` got");
        }

        var hello = await ReadHelloAsync(incoming, context.CancellationToken);
        var now = services.Clock.GetUtcNow();
        if (hello.ProtocolRevision < 1)
        {
            services.Strangers.SessionRefused(caller.Id, caller.Address, "protocol revision");
            throw FleetError.Create(
                StatusCode.FailedPrecondition,
                Reason.ProtocolUnsupported,
                $"the agent speaks protocol revision {hello.ProtocolRevision}, this coordinator ({Version}) speaks 1 to {ProtocolRevision}",
                "upgrade the package fleet-agent on this host");
        }

        MessageCaps.Hello.Apply(hello);
        if (!services.Budgets.Of(caller.Id).TrySession())
        {
            await TellTooManySessionsAsync(caller.Id, caller.Name);
            throw FleetError.Create(
                StatusCode.ResourceExhausted,
                Reason.QueueFull,
                $"this host began more than {HostLimits.SessionsPerMinute} sessions a minute",
                "wait a minute; if this persists, look at the agent's log for why its sessions end");
        }

        var host = await services.Store.ReadAsync(reader => HostStore.FindById(reader, caller.Id), context.CancellationToken);
        if (host is null || host.RemovedAt is not null)
        {
            throw ErrorOf(SessionEnds.Revoked(caller.Id));
        }

        var sessionId = Guid.NewGuid().ToString("N");
        var output = new SessionOutput();
        var reference = services.Grains.CreateObjectReference<ISessionObserver>(output);
        try
        {
            var grain = services.Grains.GetGrain<IHostGrain>(host.HostId);
            SessionAdmission admission;
            try
            {
                admission = await grain.OpenSessionAsync(
                    new SessionOpening(sessionId, hello.ToByteArray(), caller.Address, now), reference);
            }
            catch
            {
                // The session may have been opened before the failure. Try only once: an agent that cannot be admitted comes again, and
                // must not leave a loop behind each time.
                await TryCloseAsync(host.HostId, sessionId, "it could not be opened");
                throw;
            }

            if (admission.Refusal is { } refusal)
            {
                services.Strangers.SessionRefused(host.HostId, caller.Address, refusal.Message);
                throw ErrorOf(refusal);
            }

            await ServeAsync(
                incoming,
                outgoing,
                host,
                hello,
                sessionId,
                caller.Address,
                output,
                reference,
                admission,
                context.CancellationToken);
        }
        finally
        {
            services.Grains.DeleteObjectReference<ISessionObserver>(reference);
            GC.KeepAlive(output);
        }
    }

    private async Task TellTooManySessionsAsync(string hostId, string hostName)
    {
        if (services.Budgets.Of(hostId).Exceeded(Budget.Sessions))
        {
            await services.Store.WriteInBackgroundAsync(transaction =>
            {
                HostBudgets.Tell(transaction, hostId, hostName, Budget.Sessions);
                return true;
            });
        }
    }

    private async Task ServeAsync(
        IAsyncStreamReader<AgentMessage> incoming,
        IServerStreamWriter<CoordinatorMessage> outgoing,
        HostRow host,
        Hello hello,
        string sessionId,
        string address,
        SessionOutput output,
        ISessionObserver reference,
        SessionAdmission admission,
        CancellationToken cancellationToken)
    {
        var version = Printable(hello.AgentVersion);
        Opened(services.Log, host.HostId, sessionId, address, version);
        var reason = "the connection broke";
        try
        {
            services.Registry.Add(sessionId, output);
            await outgoing.WriteAsync(
                new CoordinatorMessage
                {
                    Welcome = new Welcome
                    {
                        ProtocolRevision = Math.Min(hello.ProtocolRevision, ProtocolRevision),
                        CoordinatorVersion = Version,
                        SessionId = sessionId,
                        AcknowledgedSequence = admission.OutboxSequence,
                        AcknowledgedOutboxId = admission.OutboxId,
                        HeartbeatInterval = Duration.FromTimeSpan(SessionServices.HeartbeatInterval),
                        SentAt = Timestamp.FromDateTimeOffset(services.Clock.GetUtcNow()),
                        MetricsInterval = Duration.FromTimeSpan(MetricsInterval),
                    },
                },
                cancellationToken);
            output.Begin(admission.Messages);

            var session = new AgentSession(services, host, hello, sessionId, address, output, reference);
            var caughtUp = hello.OutboxLastSequence == 0 || admission.OutboxSequence >= hello.OutboxLastSequence;
            (var end, reason) = await session.RunAsync(incoming, outgoing, caughtUp, cancellationToken);
            if (end is not null)
            {
                throw ErrorOf(end);
            }
        }
        finally
        {
            services.Registry.Remove(sessionId);
            Closed(services.Log, host.HostId, sessionId, reason);
            await CloseAsync(host.HostId, sessionId, reason);
        }
    }

    /// <summary>
    /// Tries once, then in the background until it succeeds: a host that counted as connected forever would never be missed.
    /// </summary>
    private async Task CloseAsync(string hostId, string sessionId, string reason)
    {
        if (!await TryCloseAsync(hostId, sessionId, reason))
        {
            KeepClosingAsync(hostId, sessionId, reason).Forget();
        }
    }

    private async Task KeepClosingAsync(string hostId, string sessionId, string reason)
    {
        var backoff = new Backoff(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(30), Random.Shared);
        var failures = 0;
        do
        {
            await Task.Delay(backoff.After(++failures), services.Clock);
        }
        while (!await TryCloseAsync(hostId, sessionId, reason));
    }

    /// <returns>False if it is to be tried again.</returns>
    private async Task<bool> TryCloseAsync(string hostId, string sessionId, string reason)
    {
        if (services.Registry.Stopping)
        {
            // No session outlives the process; the next start closes it in the store.
            return true;
        }

        try
        {
            await services.Grains.GetGrain<IHostGrain>(hostId).CloseSessionAsync(sessionId, reason);
            return true;
        }
        catch (Exception exception)
        {
            // Any failure; usually a store that cannot be written for a while.
            NotClosed(services.Log, hostId, sessionId, exception);
            return false;
        }
    }

    private async Task<Hello> ReadHelloAsync(CleanMessages incoming, CancellationToken cancellationToken)
    {
        try
        {
            if (await incoming.MoveNext(cancellationToken).WaitAsync(HelloTimeout, services.Clock, cancellationToken)
                && incoming.Current.KindCase == AgentMessage.KindOneofCase.Hello)
            {
                return incoming.Current.Hello;
            }
        }
        catch (TimeoutException)
        {
            // Falls through to the same answer: the first message must be a Hello, and must arrive soon.
        }

        throw FleetError.InvalidArgument("hello", $"must be the first message of a session, within {HelloTimeout.TotalSeconds:0} s");
    }

    private static RpcException ErrorOf(SessionEnd end) =>
        FleetError.Create((StatusCode)end.StatusCode, (Reason)end.Reason, end.Message, end.WhatToDo);

    private static string Printable(string text) =>
        WireText.Printable(text, 64);
}
