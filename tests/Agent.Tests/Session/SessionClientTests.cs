using System.Collections.Concurrent;
using Fleet.Agent.Metrics;
using Fleet.Protocol.V1;
using Fleet.Testing;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Fleet.Agent.Tests.Session;

public sealed class SessionClientTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Session_CommandToAcknowledgedResult_OverMutualTls()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        var received = new ConcurrentQueue<AgentMessage>();
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        coordinator.Plays.OnSession = async (reader, writer, context) =>
        {
            Assert.NotNull(context.GetHttpContext().Connection.ClientCertificate);
            await WelcomeAsync(reader, writer, received);
            await writer.WriteAsync(new CoordinatorMessage { Assignment = new Assignment { Revision = 7 } });
            await writer.WriteAsync(new CoordinatorMessage { Heartbeat = new CoordinatorHeartbeat { Number = 99 } });
            await writer.WriteAsync(new CoordinatorMessage { Run = Command("run-1") });
            await foreach (var message in reader.ReadAllAsync())
            {
                received.Enqueue(message);
                if (message.Outbox?.RunFinished is not null)
                {
                    await writer.WriteAsync(
                        new CoordinatorMessage { Acknowledge = new Acknowledge { OutboxSequence = message.Outbox.Sequence } });
                }
            }

            gone.TrySetResult();
        };
        await using var agent = new AgentFixture(_folder.Path, coordinator);
        await Eventually.TrueAsync(() => received.Any(m => m.Outbox?.RunFinished?.RunId == RunIds.Of("run-1")), "the result arrives");
        await Eventually.TrueAsync(() => agent.Runs.Outbox.WaitingBytes == 0, "the outbox is empty");
        await Eventually.TrueAsync(() => received.Any(m => m.Heartbeat?.AnswerTo == 99), "the heartbeat is answered");
        await Eventually.TrueAsync(() => received.Any(m => m.AssignmentApplied?.Revision == 7), "the assignment is confirmed");
        var hello = received.First().Hello;
        Assert.Equal((1, "h", "boot", "0.0.1"), (hello.ProtocolRevision, hello.HostName, hello.BootId, hello.AgentVersion));
        Assert.Contains(hello.Tools, t => t.Name == "rsync" && char.IsAsciiDigit(t.Version[0]));
        Assert.Equal([1L, 2L], received.Where(m => m.Outbox is not null).Select(m => m.Outbox.Sequence));
        Assert.True(agent.Client.Connected);
    }

    [Fact]
    public async Task SinceProgress_OfAnOpenSession_IsTheTimeSinceItsLastBeat()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        var received = new ConcurrentQueue<AgentMessage>();
        coordinator.Plays.OnSession = async (reader, writer, _) =>
        {
            await WelcomeAsync(reader, writer, received);
            await foreach (var message in reader.ReadAllAsync())
            {
                received.Enqueue(message);
            }
        };
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var agent = new AgentFixture(_folder.Path, coordinator, time: clock);
        await Eventually.TrueAsync(() => agent.Client.Connected, "the session is open");

        // Less than a beat: a session that hangs looks like this forever, and the watchdog must see the time go by.
        clock.Advance(TimeSpan.FromMilliseconds(900));
        Assert.InRange(agent.Client.SinceProgress, TimeSpan.FromMilliseconds(900), TimeSpan.FromMinutes(1));
        await Eventually.TrueAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromMilliseconds(100));
                return agent.Client.SinceProgress < TimeSpan.FromMilliseconds(500);
            },
            "a beat counts as progress");
        Assert.True(agent.Client.Connected);
    }

    [Fact]
    public async Task Session_LostBeforeAcknowledgement_ResumesWithTheSameEntries()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        var received = new ConcurrentQueue<AgentMessage>();
        coordinator.Plays.OnSession = async (reader, writer, _) =>
        {
            var first = coordinator.Plays.Sessions == 1;
            await WelcomeAsync(reader, writer, received);
            if (first)
            {
                await writer.WriteAsync(new CoordinatorMessage { Run = Command("run-1") });
            }

            await foreach (var message in reader.ReadAllAsync())
            {
                received.Enqueue(message);
                if (first && message.Outbox?.RunFinished is not null)
                {
                    throw new RpcException(new Status(StatusCode.Unavailable, "the coordinator dies here"));
                }
            }
        };
        await using var agent = new AgentFixture(_folder.Path, coordinator);
        await Eventually.TrueAsync(() => received.Count(m => m.Outbox?.RunFinished is not null) == 2, "the result comes again");
        Assert.Equal([1L, 2L, 1L, 2L], received.Where(m => m.Outbox is not null).Select(m => m.Outbox.Sequence));
        Assert.Equal("session-1", received.Where(m => m.Hello is not null).ElementAt(1).Hello.PreviousSessionId);
        Assert.Equal(2, received.Where(m => m.Hello is not null).ElementAt(1).Hello.OutboxLastSequence);
    }

    [Theory]
    [InlineData(StatusCode.AlreadyExists, "DUPLICATE_IDENTITY", "another machine uses this host's identity")]
    [InlineData(StatusCode.Unauthenticated, "IDENTITY_REVOKED", "was removed from the fleet")]
    [InlineData(StatusCode.Unauthenticated, "IDENTITY_INVALID", "does not know this host's certificate")]
    [InlineData(StatusCode.FailedPrecondition, "PROTOCOL_UNSUPPORTED", "upgrade both to the same release")]
    [InlineData(StatusCode.FailedPrecondition, "CLOCK_SKEW", "timedatectl")]
    public async Task Session_Refused_SaysWhatToDoAndDoesNotComeBackAtOnce(StatusCode code, string reason, string says)
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        coordinator.Plays.OnSession = (_, _, _) => throw ScriptedCoordinator.Refusal(code, reason, "no\nway");
        coordinator.Plays.OnRenew = _ => throw ScriptedCoordinator.Refusal(code, reason, "no\nway");
        await using var agent = new AgentFixture(_folder.Path, coordinator);
        await agent.SaysAsync(says);
        Assert.Equal(1, coordinator.Plays.Sessions);
        Assert.False(agent.Client.Connected);
    }

    [Fact]
    public async Task Session_CoordinatorOfAnotherAuthority_NothingIsSentAndTheNextAddressIsTried()
    {
        await using var impostor = await ScriptedCoordinator.StartAsync();
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        impostor.Plays.OnSession = (_, _, _) => Task.CompletedTask;
        var received = new ConcurrentQueue<AgentMessage>();
        coordinator.Plays.OnSession = (reader, writer, context) => StayAsync(reader, writer, received);
        await using var agent = new AgentFixture(_folder.Path, coordinator, [impostor.Address, "https://127.0.0.1:1", coordinator.Address]);
        await Eventually.TrueAsync(() => agent.Client.Connected, "the third address works");
        Assert.Equal(0, impostor.Plays.Sessions);
    }

    [Fact]
    public async Task Session_SilentCoordinator_IsDeadAfterThreeHeartbeats()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        var received = new ConcurrentQueue<AgentMessage>();
        coordinator.Plays.OnSession = (reader, writer, _) => StayAsync(reader, writer, received);
        await using var agent = new AgentFixture(_folder.Path, coordinator);
        await agent.SaysAsync("silent for");
        await Eventually.TrueAsync(() => coordinator.Plays.Sessions >= 2, "it comes back");
    }

    [Fact]
    public async Task Session_CertificateDue_IsRenewedForANewKeyAndSessionReopened()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        var received = new ConcurrentQueue<AgentMessage>();
        coordinator.Plays.OnSession = (reader, writer, _) => StayAsync(reader, writer, received);
        coordinator.Plays.OnRenew = request => Renewed(coordinator, request);
        await using var agent = new AgentFixture(_folder.Path, coordinator, certificateAge: TimeSpan.FromDays(61));
        var before = agent.Identities.Load(out _)!.Certificate.Thumbprint;
        await Eventually.TrueAsync(() => coordinator.Plays.Sessions >= 2, "the session is opened again");
        var after = agent.Identities.Load(out _)!;
        Assert.NotEqual(before, after.Certificate.Thumbprint);
        Assert.True(after.ExpiresAt > TimeProvider.System.GetUtcNow().AddDays(80));
        Assert.Equal(AgentFixture.HostId, after.HostId);
    }

    [Fact]
    public async Task Session_CertificateExpired_IsRenewedWithItAndASessionOpens()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        var received = new ConcurrentQueue<AgentMessage>();
        coordinator.Plays.OnSession = (reader, writer, _) => StayAsync(reader, writer, received);
        coordinator.Plays.OnRenew = request => Renewed(coordinator, request);
        await using var agent = new AgentFixture(_folder.Path, coordinator, certificateAge: TimeSpan.FromDays(90 + 200));

        await Eventually.TrueAsync(() => agent.Client.Connected, "a session is open");

        Assert.Equal(1, coordinator.Plays.Sessions);
        Assert.True(agent.Identities.Load(out _)!.ExpiresAt > TimeProvider.System.GetUtcNow().AddDays(80));
    }

    [Fact]
    public async Task Session_CertificateExpiredByTheCoordinatorsClockOnly_IsRenewed()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        var received = new ConcurrentQueue<AgentMessage>();
        var renewed = false;
        coordinator.Plays.OnSession = (reader, writer, _) => renewed
            ? StayAsync(reader, writer, received)
            : throw ScriptedCoordinator.Refusal(StatusCode.Unauthenticated, "IDENTITY_INVALID", "the host's certificate has expired");
        coordinator.Plays.OnRenew = request =>
        {
            renewed = true;
            return Renewed(coordinator, request);
        };
        await using var agent = new AgentFixture(_folder.Path, coordinator, certificateAge: TimeSpan.FromDays(10));

        await Eventually.TrueAsync(() => agent.Client.Connected, "a session is open");
    }

    [Fact]
    public async Task Session_MetricsOfTheTimeWithout_ComeSelfContainedAndAreAcknowledged()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        var received = new ConcurrentQueue<AgentMessage>();
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        coordinator.Plays.OnSession = async (reader, writer, _) =>
        {
            await go.Task;
            await WelcomeAsync(reader, writer, received);
            await foreach (var message in reader.ReadAllAsync())
            {
                received.Enqueue(message);
                if (message.Metrics is { Sequence: > 0 } batch)
                {
                    await writer.WriteAsync(new CoordinatorMessage { Acknowledge = new Acknowledge { MetricsSequence = batch.Sequence } });
                }
            }
        };
        await using var agent = new AgentFixture(_folder.Path, coordinator);
        var number = agent.Table.Number("fleet_x", MetricKind.Gauge, "a", "b"u8, null, [], null, []);
        agent.Queue.Add(new Collection(TimeProvider.System.GetUtcNow(), [number], [1.5], []));
        go.SetResult();
        await Eventually.TrueAsync(() => agent.Runs.Backlog.ReadAfter(0) is null, "the backlog is taken");
        agent.Queue.Add(new Collection(TimeProvider.System.GetUtcNow(), [number], [2.5], []));
        agent.Queue.Add(new Collection(TimeProvider.System.GetUtcNow(), [number], [3.5], []));
        await Eventually.TrueAsync(() => received.Count(m => m.Metrics is not null) == 3, "all three arrive");
        var batches = received.Where(m => m.Metrics is not null).Select(m => m.Metrics).ToList();
        Assert.Equal([1, 1, 0], batches.Select(b => b.Definitions.Count));
        Assert.Equal([1L, 0L, 0L], batches.Select(b => b.Sequence));
        Assert.Equal("b", batches[0].Definitions[0].Series.Labels["a"]);
    }

    private static RunCommand Command(string runId) => new()
    {
        RunId = RunIds.Of(runId),
        Attempt = 1,
        Policy = "p",
        Action = new Protocol.V1.Action { Command = new CommandAction { Program = "/bin/true" } },
    };

    private static RenewResponse Renewed(ScriptedCoordinator coordinator, RenewRequest request) =>
        new()
        {
            CertificatePem = coordinator.Sign(request.CsrPem),
            CaCertificatePem = coordinator.Authority.CertificatePem,
        };

    private static async Task StayAsync(
        IAsyncStreamReader<AgentMessage> reader,
        IServerStreamWriter<CoordinatorMessage> writer,
        ConcurrentQueue<AgentMessage> received)
    {
        await WelcomeAsync(reader, writer, received);
        await foreach (var message in reader.ReadAllAsync())
        {
            received.Enqueue(message);
        }
    }

    private static async Task WelcomeAsync(
        IAsyncStreamReader<AgentMessage> reader,
        IServerStreamWriter<CoordinatorMessage> writer,
        ConcurrentQueue<AgentMessage> received)
    {
        Assert.True(await reader.MoveNext(CancellationToken.None));
        received.Enqueue(reader.Current);
        await writer.WriteAsync(new CoordinatorMessage
        {
            Welcome = new Welcome
            {
                ProtocolRevision = 1,
                SessionId = "session-1",
                HeartbeatInterval = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)),
                SentAt = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow()),
            },
        });
    }
}
