using System.Threading.Channels;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;

namespace Fleet.LoadGenerator;

/// <summary>
/// One host's session: heartbeats, a metric batch per interval, and an answer to every run as quickly as possible.
/// What a real agent does between messages (collecting, running tools) is left out: the coordinator is what is measured.
/// </summary>
internal sealed class SimulatedAgent(AgentIdentity identity, LoadOptions options, RunTimes runTimes) : IAsyncDisposable
{
    private readonly Channel<AgentMessage> _outgoing = Channel.CreateBounded<AgentMessage>(10_000);
    private readonly TaskCompletionSource _welcomed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly string _outboxId = Guid.NewGuid().ToString();
    private readonly List<(long Sequence, TaskCompletionSource Done)> _waiting = [];
    private readonly uint[] _seriesNumbers = [.. Enumerable.Range(1, options.Series).Select(i => (uint)i)];
    private readonly Random _random = new(identity.Name.GetHashCode(StringComparison.Ordinal));
    private GrpcChannel? _channel;
    private Task _session = Task.CompletedTask;
    private long _sequence;

    public async Task StartAsync(Uri address, System.Security.Cryptography.X509Certificates.X509Certificate2 authority)
    {
        _channel = PinnedChannel.Open(address, authority, identity.Certificate, identity.From);
        _session = Task.Run(RunAsync);
        await _welcomed.Task.WaitAsync(TimeSpan.FromSeconds(120));
    }

    /// <summary>Appends events through the outbox and waits until the coordinator has acknowledged the last.</summary>
    public async Task SendNoticesAsync(int count)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        for (var i = 0; i < count; i++)
        {
            var entry = NextEntry();
            entry.Notice = new AgentNotice { Code = "load_measured", Message = "a simulated notice" };
            if (i == count - 1)
            {
                lock (_waiting)
                {
                    _waiting.Add((entry.Sequence, done));
                }
            }

            await _outgoing.Writer.WriteAsync(new AgentMessage { Outbox = entry }, _stop.Token);
        }

        await done.Task.WaitAsync(TimeSpan.FromSeconds(300));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _session;
        }
        catch (Exception e) when (e is OperationCanceledException or RpcException or IOException)
        {
            // Asked for.
        }

        _channel?.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            using var call = new AgentService.AgentServiceClient(_channel!).Session(cancellationToken: _stop.Token);
            await call.RequestStream.WriteAsync(new AgentMessage { Hello = Hello() }, _stop.Token);
            var writing = WriteAsync(call.RequestStream);
            var heartbeats = HeartbeatAsync();
            var metrics = MetricsAsync();
            await foreach (var message in call.ResponseStream.ReadAllAsync(_stop.Token))
            {
                await HandleAsync(message);
            }

            await Task.WhenAll(writing, heartbeats, metrics);
        }
        catch (Exception e) when (e is RpcException or IOException && !_stop.IsCancellationRequested)
        {
            _welcomed.TrySetException(e);
            await Console.Error.WriteLineAsync($"{identity.Name}: {e.Message}");
            throw;
        }
    }

    private Hello Hello() => new()
    {
        ProtocolRevision = 1,
        AgentVersion = "0.1.0",
        HostName = identity.Name,
        BootId = Guid.NewGuid().ToString(),
        InstanceId = Guid.NewGuid().ToString(),
        SentAt = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow()),
        Facts = new HostFacts { OperatingSystem = "simulated", Cpus = 1 },
        AllowedActions = { "command" },
    };

    private async Task HandleAsync(CoordinatorMessage message)
    {
        switch (message.KindCase)
        {
            case CoordinatorMessage.KindOneofCase.Welcome:
                _welcomed.TrySetResult();
                break;
            case CoordinatorMessage.KindOneofCase.Heartbeat when message.Heartbeat.Number != 0:
                await _outgoing.Writer.WriteAsync(Heartbeat(message.Heartbeat.Number), _stop.Token);
                break;
            case CoordinatorMessage.KindOneofCase.Assignment:
                await _outgoing.Writer.WriteAsync(
                    new AgentMessage { AssignmentApplied = new AssignmentApplied { Revision = message.Assignment.Revision } }, _stop.Token);
                break;
            case CoordinatorMessage.KindOneofCase.Acknowledge:
                Acknowledged(message.Acknowledge.OutboxSequence);
                break;
            case CoordinatorMessage.KindOneofCase.Run:
                await AnswerRunAsync(message.Run);
                break;
            default:
                break;
        }
    }

    private void Acknowledged(long upTo)
    {
        lock (_waiting)
        {
            foreach (var (_, done) in _waiting.Where(w => w.Sequence <= upTo))
            {
                done.TrySetResult();
            }

            _waiting.RemoveAll(w => w.Sequence <= upTo);
        }
    }

    private async Task AnswerRunAsync(RunCommand command)
    {
        var now = TimeProvider.System.GetUtcNow();
        runTimes.Add(now - command.ScheduledAt.ToDateTimeOffset());
        var at = Timestamp.FromDateTimeOffset(now);
        var started = NextEntry();
        started.RunStarted = new RunStarted
        {
            RunId = command.RunId,
            Attempt = command.Attempt,
            StartedAt = at,
            Policy = command.Policy,
            PolicyRevision = command.PolicyRevision,
            ScheduledAt = command.ScheduledAt,
            Trigger = command.Trigger,
        };
        var finished = NextEntry();
        finished.RunFinished = new RunFinished
        {
            RunId = command.RunId,
            Attempt = command.Attempt,
            Policy = command.Policy,
            PolicyRevision = command.PolicyRevision,
            ScheduledAt = command.ScheduledAt,
            Trigger = command.Trigger,
            Result = new ActionResult
            {
                Outcome = ActionOutcome.Succeeded,
                ExitCode = 0,
                StartedAt = at,
                FinishedAt = at,
                Duration = new Duration(),
                Message = "simulated",
            },
        };
        await _outgoing.Writer.WriteAsync(new AgentMessage { Outbox = started }, _stop.Token);
        await _outgoing.Writer.WriteAsync(new AgentMessage { Outbox = finished }, _stop.Token);
    }

    // Only called from the session's reader and, in another phase of the measurement, from SendNoticesAsync.
    private OutboxEntry NextEntry() => new()
    {
        Sequence = Interlocked.Increment(ref _sequence),
        OutboxId = _outboxId,
        RecordedAt = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow()),
    };

    private static AgentMessage Heartbeat(long answerTo) => new()
    {
        Heartbeat = new AgentHeartbeat { SentAt = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow()), AnswerTo = answerTo },
    };

    private async Task WriteAsync(IClientStreamWriter<AgentMessage> stream)
    {
        await foreach (var message in _outgoing.Reader.ReadAllAsync(_stop.Token))
        {
            await stream.WriteAsync(message, _stop.Token);
        }
    }

    private async Task HeartbeatAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(5));
        while (await timer.WaitForNextTickAsync(_stop.Token))
        {
            await _outgoing.Writer.WriteAsync(Heartbeat(0), _stop.Token);
        }
    }

    private async Task MetricsAsync()
    {
        // Spread over the interval, as agents that were not started at the same instant are.
        await Task.Delay(TimeSpan.FromSeconds(_random.NextDouble() * options.IntervalSeconds), _stop.Token);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.IntervalSeconds));
        var first = true;
        do
        {
            var batch = new MetricBatch { CollectedAt = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow()) };
            if (first)
            {
                batch.Definitions.Add(_seriesNumbers.Select(n => new SeriesDefinition
                {
                    Number = n,
                    Series = new MetricSeries { Name = $"fleet_load_{n}", Kind = n % 2 == 0 ? MetricKind.Gauge : MetricKind.Counter },
                }));
                first = false;
            }

            batch.Series.Add(_seriesNumbers);
            foreach (var n in _seriesNumbers)
            {
                // A third never changes, a third counts up, a third wanders: roughly what hosts send.
                batch.Values.Add((n % 3) switch { 0 => 42, 1 => _sequence + (n * 1000), _ => Math.Round(_random.NextDouble() * 100, 2) });
            }

            await _outgoing.Writer.WriteAsync(new AgentMessage { Metrics = batch }, _stop.Token);
        }
        while (await timer.WaitForNextTickAsync(_stop.Token));
    }
}
