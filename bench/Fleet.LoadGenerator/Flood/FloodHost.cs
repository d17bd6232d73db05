using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;

namespace Fleet.LoadGenerator.Flood;

/// <summary>An enrolled host whose agent sends what it likes.</summary>
internal sealed class FloodHost : IAsyncDisposable
{
    private const string Policy = "flood";

    private readonly GrpcChannel _channel;
    private readonly AsyncDuplexStreamingCall<AgentMessage, CoordinatorMessage> _call;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly string _outboxId = Guid.NewGuid().ToString("N");
    private readonly Lock _gate = new();
    private readonly Queue<(long Sequence, long At)> _sent = [];
    private readonly List<TimeSpan> _latencies = [];
    private Task _reading = Task.CompletedTask;
    private Task _beating = Task.CompletedTask;
    private long _sequence;

    private readonly string _hostId;
    private long _instant = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    private FloodHost(GrpcChannel channel, AsyncDuplexStreamingCall<AgentMessage, CoordinatorMessage> call, string hostId)
    {
        _channel = channel;
        _call = call;
        _hostId = hostId;
    }

    /// <summary>Entries whose commit was acknowledged.</summary>
    public long Acknowledged { get; private set; }

    public static async Task<FloodHost> ConnectAsync(Uri address, X509Certificate2 authority, AgentIdentity identity)
    {
        var channel = PinnedChannel.Open(address, authority, identity.Certificate, identity.From);
        var call = new AgentService.AgentServiceClient(channel).Session();
        var host = new FloodHost(channel, call, identity.HostId);
        await call.RequestStream.WriteAsync(new AgentMessage
        {
            Hello = new Hello
            {
                ProtocolRevision = 1,
                AgentVersion = "0.1.0",
                HostName = identity.Name,
                BootId = Guid.NewGuid().ToString(),
                InstanceId = Guid.NewGuid().ToString(),
                SentAt = Now(),
                Facts = new HostFacts { OperatingSystem = "simulated", Cpus = 1 },
                AllowedActions = { "command" },
            },
        });
        await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60));
        host._reading = Task.Run(host.ReadAsync);
        host._beating = Task.Run(host.BeatAsync);
        return host;
    }

    /// <summary>As in the attack: messages of 500 lines of 1,000 bytes, as fast as they go.</summary>
    public async Task LogLinesAsync(TimeSpan time)
    {
        var started = Started();
        var runId = started.Outbox.RunStarted.RunId;
        await SendAsync(started);
        var text = new string('x', 1_000);
        var number = 0L;
        await RepeatAsync(time, () =>
        {
            var message = new AgentMessage { Log = new RunLogLines { RunId = runId } };
            for (var i = 0; i < 500; i++)
            {
                message.Log.Lines.Add(new LogLine { Attempt = 1, Number = ++number, Stream = LogStream.Stdout, Text = text });
            }

            return message;
        });
    }

    /// <summary>Notices of 22 kB.</summary>
    public Task NoticesAsync(TimeSpan time)
    {
        var value = new string('n', 1_000);
        return RepeatAsync(time, () =>
        {
            var entry = NextEntry();
            entry.Notice = new AgentNotice { Code = "flood", Message = new string('m', 2_000) };
            for (var i = 0; i < 20; i++)
            {
                entry.Notice.Attributes.Add($"key{i}", value);
            }

            return new AgentMessage { Outbox = entry };
        });
    }

    /// <summary>Results of runs that nobody asked for, of a number of bytes each.</summary>
    public Task ResultsAsync(TimeSpan time, int bytes)
    {
        // The larger ones in lines of output, which is where results are large.
        var line = new LogLine { Text = new string('r', Math.Min(bytes, 8_000)) };
        return RepeatAsync(time, () =>
        {
            var entry = Finished();
            for (var size = 0; size < bytes; size += line.Text.Length)
            {
                entry.RunFinished.Result.LogTail.Add(line);
            }

            return new AgentMessage { Outbox = entry };
        });
    }

    /// <summary>A small result from time to time: what another host wants to get through.</summary>
    public async Task TickAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(pause);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                await SendAsync(new AgentMessage { Outbox = Finished() });
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    /// <summary>
    /// From sending to the acknowledgement of a commit, since the last call; those that wait count for as long as they do.
    /// </summary>
    public List<TimeSpan> TakeLatencies()
    {
        lock (_gate)
        {
            List<TimeSpan> all = [.. _latencies, .. _sent.Select(sent => Stopwatch.GetElapsedTime(sent.At))];
            _latencies.Clear();
            return all;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _call.Dispose();
        foreach (var task in new[] { _reading, _beating })
        {
            try
            {
                await task;
            }
            catch (Exception e) when (e is OperationCanceledException or RpcException or IOException or InvalidOperationException)
            {
                // Asked for.
            }
        }

        _channel.Dispose();
        _stop.Dispose();
        _writing.Dispose();
    }

    private async Task RepeatAsync(TimeSpan time, Func<AgentMessage> next)
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < time)
        {
            try
            {
                // A write that the coordinator does not take any more is what should happen, and no reason to go on for longer.
                await SendAsync(next()).WaitAsync(time - clock.Elapsed + TimeSpan.FromSeconds(1));
            }
            catch (Exception e) when (e is RpcException or IOException or InvalidOperationException or TimeoutException)
            {
                return;
            }
        }
    }

    private async Task SendAsync(AgentMessage message)
    {
        await _writing.WaitAsync(_stop.Token);
        try
        {
            if (message.Outbox is { } entry)
            {
                lock (_gate)
                {
                    _sent.Enqueue((entry.Sequence, Stopwatch.GetTimestamp()));
                }
            }

            await _call.RequestStream.WriteAsync(message, _stop.Token);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task ReadAsync()
    {
        await foreach (var message in _call.ResponseStream.ReadAllAsync(_stop.Token))
        {
            if (message.KindCase == CoordinatorMessage.KindOneofCase.Heartbeat && message.Heartbeat.Number != 0)
            {
                await SendAsync(
                    new AgentMessage
                    {
                        Heartbeat = new AgentHeartbeat { SentAt = Now(), AnswerTo = message.Heartbeat.Number },
                    });
            }
            else if (message.KindCase == CoordinatorMessage.KindOneofCase.Acknowledge)
            {
                TakeAcknowledgement(message.Acknowledge.OutboxSequence);
            }
        }
    }

    private void TakeAcknowledgement(long sequence)
    {
        lock (_gate)
        {
            Acknowledged = Math.Max(Acknowledged, sequence);
            while (_sent.TryPeek(out var first) && first.Sequence <= sequence)
            {
                _latencies.Add(Stopwatch.GetElapsedTime(_sent.Dequeue().At));
            }
        }
    }

    private async Task BeatAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(5));
        while (await timer.WaitForNextTickAsync(_stop.Token))
        {
            await SendAsync(new AgentMessage { Heartbeat = new AgentHeartbeat { SentAt = Now() } });
        }
    }

    private AgentMessage Started()
    {
        var entry = NextEntry();
        var (runId, at) = NextRun();
        entry.RunStarted = new RunStarted { RunId = runId, Attempt = 1, StartedAt = Now(), Policy = Policy, ScheduledAt = at };
        return new AgentMessage { Outbox = entry };
    }

    private OutboxEntry Finished()
    {
        var entry = NextEntry();
        var (runId, at) = NextRun();
        entry.RunFinished = new RunFinished
        {
            RunId = runId,
            Attempt = 1,
            Policy = Policy,
            ScheduledAt = at,
            Result = new ActionResult { Outcome = ActionOutcome.Succeeded, StartedAt = Now(), FinishedAt = Now(), Message = "simulated" },
        };
        return entry;
    }

    /// <summary>An id that is this host's, of an instant that has been: src/Schedules/ScheduledRunId.cs.</summary>
    private (string RunId, Timestamp At) NextRun()
    {
        var instant = Interlocked.Decrement(ref _instant);
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"run\0{Policy}\0{_hostId}\0{instant}"));
        return (
            Convert.ToHexStringLower(hash.AsSpan(0, 16)),
            Timestamp.FromDateTimeOffset(DateTimeOffset.FromUnixTimeMilliseconds(instant)));
    }

    private OutboxEntry NextEntry() => new() { OutboxId = _outboxId, Sequence = Interlocked.Increment(ref _sequence), RecordedAt = Now() };

    private static Timestamp Now() => Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow());
}
