using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using Fleet.Agent.Enrolment;
using Fleet.Agent.Tests.Session;
using Fleet.Agent.Tests.Tools;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;
using Fleet.Testing;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Mono.Unix.Native;

namespace Fleet.Agent.Tests.Children;

/// <summary>
/// The real program as a process of its own, enrolled with a coordinator that acknowledges everything, and with a service
/// manager that keeps what it is told.
/// </summary>
internal sealed class AgentProcess : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Channel<CoordinatorMessage> _toAgent = Channel.CreateUnbounded<CoordinatorMessage>();
    private readonly SemaphoreSlim _oneSession = new(1);
    private readonly CancellationTokenSource _stop = new();
    private readonly Socket _notifySocket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly ConcurrentQueue<string> _notifications = [];
    private readonly ScriptedCoordinator _coordinator;
    private readonly Program _program;
    private Task<ToolResult> _run = Task.FromResult(new ToolResult { Name = "", End = ToolEnd.NotStarted });
    private Task _listening = Task.CompletedTask;
    private int _processId;

    private AgentProcess(ScriptedCoordinator coordinator, Program program)
    {
        _program = program;
        _coordinator = coordinator;
        coordinator.Plays.OnSession = AttendAsync;
    }

    /// <summary>How the program is started with these arguments.</summary>
    public delegate ToolRequest Program(params ReadOnlySpan<string> arguments);

    /// <summary>What the program writes: its log.</summary>
    public RecordingOutput Output { get; } = new();

    /// <summary>Everything that the coordinator received, of all sessions.</summary>
    public ConcurrentQueue<AgentMessage> Received { get; } = [];

    /// <summary>What the service manager was told, one datagram each.</summary>
    public IReadOnlyList<string> Notifications => [.. _notifications];

    /// <summary>About reloads: of the outbox, in the order of arrival; each once.</summary>
    public IReadOnlyList<AgentNotice> Notices =>
        [
            .. Received
                .Where(m => m.Outbox?.Notice is { Code: "configuration_reloaded" or "configuration_refused" })
                .Select(m => m.Outbox)
                .DistinctBy(e => e.Sequence)
                .Select(e => e.Notice),
        ];

    public string ConfigurationFile => _folder.File("agent.yaml");

    public string RuntimeDirectory => _folder.File("run");

    public string StateDirectory => _folder.File("state");

    public string File(string name) => _folder.File(name);

    /// <summary>Ready, and with a session.</summary>
    /// <param name="configuration">Of agent.yaml, whole lines, besides the folders.</param>
    /// <param name="program">Null: as it was built with these tests.</param>
    public static async Task<AgentProcess> StartAsync(string configuration, string guard, Program? program = null)
    {
        var agent = new AgentProcess(await ScriptedCoordinator.StartAsync(), program ?? AgentProgram.Request);
        try
        {
            agent._coordinator.Enrol(new IdentityStore(agent.StateDirectory), TimeSpan.FromMinutes(1));
            agent.Configure(configuration);
            agent.Guard(guard);
            agent.Listen();
            agent.Run();
            await Eventually.TrueAsync(() => agent.Notifications.Contains("READY=1"), "the agent is ready");
            await Eventually.TrueAsync(() => agent.Received.Any(m => m.Hello is not null), "the agent says hello");
            return agent;
        }
        catch (Exception e)
        {
            await agent.DisposeAsync();
            throw new InvalidOperationException(
                $"the agent does not come up: {string.Join('\n', agent.Output.Lines.Select(l => l.Text))}", e);
        }
    }

    public void Configure(string configuration) =>
        _folder.Write("agent.yaml", $"state_directory: {StateDirectory}\nguard_file: {_folder.File("guard.yaml")}\n{configuration}runtime_directory: {RuntimeDirectory}\n");

    public void Guard(string guard) => _folder.Write("guard.yaml", guard);

    /// <summary>SIGHUP, and waits until the agent says that it has dealt with it.</summary>
    public async Task<AgentNotice> ReloadAsync()
    {
        var before = Notices.Count;
        Assert.Equal(0, Syscall.kill(_processId, Signum.SIGHUP));
        await Eventually.TrueAsync(() => Notices.Count > before, "the notice of the reload arrives");
        return Notices[before];
    }

    public void Send(CoordinatorMessage message) => Assert.True(_toAgent.Writer.TryWrite(message));

    /// <summary>A command that is due now, under a policy of its own.</summary>
    public void Order(string runId, string program, params ReadOnlySpan<string> arguments)
    {
        var command = new CommandAction { Program = program };
        command.Arguments.AddRange(arguments.ToArray());
        Order(runId, new Protocol.V1.Action { Command = command });
    }

    /// <inheritdoc cref="Order(string, string, ReadOnlySpan{string})"/>
    public void Order(string runId, Protocol.V1.Action action)
    {
        var now = TimeProvider.System.GetUtcNow();
        Send(new CoordinatorMessage
        {
            Run = new RunCommand
            {
                RunId = RunIds.Of(runId),
                Attempt = 1,
                Policy = $"policy-of-{runId}",
                Action = action,
                ScheduledAt = Timestamp.FromDateTimeOffset(now),
                ExpiresAt = Timestamp.FromDateTimeOffset(now + TimeSpan.FromHours(1)),
            },
        });
    }

    /// <summary>Returns when the agent has dealt with everything that was sent before.</summary>
    public async Task CatchUpAsync()
    {
        var number = Random.Shared.NextInt64(1, long.MaxValue);
        Send(new CoordinatorMessage { Heartbeat = new CoordinatorHeartbeat { Number = number } });
        await Eventually.TrueAsync(() => Received.Any(m => m.Heartbeat?.AnswerTo == number), "the heartbeat is answered");
    }

    public bool HasStarted(string runId) => Received.Any(m => m.Outbox?.RunStarted?.RunId == RunIds.Of(runId));

    public async Task<ActionResult> ResultAsync(string runId)
    {
        await Eventually.TrueAsync(() => Received.Any(m => m.Outbox?.RunFinished?.RunId == RunIds.Of(runId)), $"result of {runId}");
        return Received.First(m => m.Outbox?.RunFinished?.RunId == RunIds.Of(runId)).Outbox.RunFinished.Result;
    }

    /// <summary>SIGTERM, and waits for its end.</summary>
    public async Task StopAsync()
    {
        Assert.Equal(0, Syscall.kill(_processId, Signum.SIGTERM));
        await _run.WaitAsync(TimeSpan.FromSeconds(60));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run.WaitAsync(TimeSpan.FromSeconds(60));
        await _coordinator.DisposeAsync();
        await _listening.WaitAsync(TimeSpan.FromSeconds(30));
        _notifySocket.Dispose();
        _oneSession.Dispose();
        _stop.Dispose();
        _folder.Dispose();
    }

    private void Listen()
    {
        _notifySocket.Bind(new UnixDomainSocketEndPoint(_folder.File("notify")));
        _listening = Task.Run(async () =>
        {
            var buffer = new byte[4096];
            try
            {
                while (true)
                {
                    var length = await _notifySocket.ReceiveAsync(buffer, _stop.Token);
                    _notifications.Enqueue(Encoding.UTF8.GetString(buffer.AsSpan(0, length)));
                }
            }
            catch (OperationCanceledException)
            {
                // The test ends.
            }
        });
    }

    private void Run()
    {
        var request = _program("run", "--config", ConfigurationFile);
        request = request with
        {
            Environment = new Dictionary<string, string>(request.Environment) { ["NOTIFY_SOCKET"] = _folder.File("notify") },
            OnStarted = started => _processId = started.ProcessId,
        };
        _run = new ToolRunner(TimeProvider.System).RunAsync(request, Output, _stop.Token);
    }

    private async Task AttendAsync(
        IAsyncStreamReader<AgentMessage> reader, IServerStreamWriter<CoordinatorMessage> writer, ServerCallContext context)
    {
        // One after the other, so that no message of a test goes into a session that ends.
        await _oneSession.WaitAsync(context.CancellationToken);
        try
        {
            Assert.True(await reader.MoveNext(context.CancellationToken));
            await writer.WriteAsync(
                new CoordinatorMessage { Welcome = new Welcome { SessionId = $"session-{_coordinator.Plays.Sessions}" } });
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
            await using var beat = TimeProvider.System.CreateTimer(
                _ => Send(new CoordinatorMessage { Heartbeat = new CoordinatorHeartbeat() }), null, TimeSpan.Zero, TimeSpan.FromSeconds(2));
            var writing = WriteAsync(writer, ended.Token);
            Received.Enqueue(reader.Current);
            try
            {
                await foreach (var message in reader.ReadAllAsync(context.CancellationToken))
                {
                    Received.Enqueue(message);
                    if (message.Outbox is { } entry)
                    {
                        Send(new CoordinatorMessage { Acknowledge = new Acknowledge { OutboxSequence = entry.Sequence } });
                    }
                }
            }
            finally
            {
                await ended.CancelAsync();
                await writing;
            }
        }
        finally
        {
            _oneSession.Release();
        }
    }

    private async Task WriteAsync(IServerStreamWriter<CoordinatorMessage> writer, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var message in _toAgent.Reader.ReadAllAsync(cancellationToken))
            {
                await writer.WriteAsync(message, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The session ends.
        }
    }
}
