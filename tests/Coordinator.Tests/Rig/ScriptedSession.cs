using System.Threading.Channels;
using Fleet.Protocol.V1;
using Fleet.Testing;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Fleet.Coordinator.Tests.Rig;

/// <summary>One stream of a scripted agent. Answers probes unless told not to; everything else is the test's business.</summary>
internal sealed class ScriptedSession : IAsyncDisposable
{
    private readonly ScriptedAgent _agent;
    private readonly AsyncDuplexStreamingCall<AgentMessage, CoordinatorMessage> _call;
    private readonly Channel<CoordinatorMessage> _incoming = Channel.CreateUnbounded<CoordinatorMessage>();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Task _reading;

    public ScriptedSession(ScriptedAgent agent, AgentService.AgentServiceClient client, Hello hello)
    {
        _agent = agent;
        _call = client.Session();
        _reading = ReadAsync(hello);
    }

    public bool AnswersProbes { get; set; } = true;

    /// <summary>A heartbeat was on its way when a probe came.</summary>
    public bool BeatsBeforeItAnswers { get; set; }

    public Welcome Welcome { get; private set; } = null!;

    /// <summary>How the coordinator ended the stream. Fails the test when it does not end.</summary>
    public async Task<RpcException> EndAsync()
    {
        var thrown = await Record.ExceptionAsync(() => _reading.WaitAsync(Eventually.Limit));
        return Assert.IsType<RpcException>(thrown);
    }

    /// <summary>Ends the stream from this side. Throws when the coordinator ends it with anything but OK.</summary>
    public async Task CompleteAsync()
    {
        await _call.RequestStream.CompleteAsync();
        await _reading.WaitAsync(Eventually.Limit);
    }

    public async Task<Welcome> WelcomeAsync() =>
        Welcome = (await WaitAsync(message => message.KindCase == CoordinatorMessage.KindOneofCase.Welcome)).Welcome;

    public async Task SendAsync(AgentMessage message)
    {
        await _writing.WaitAsync();
        try
        {
            await _call.RequestStream.WriteAsync(message);
        }
        finally
        {
            _writing.Release();
        }
    }

    public Task SendAsync(OutboxEntry entry) => SendAsync(new AgentMessage { Outbox = entry });

    public Task HeartbeatAsync() => SendAsync(new AgentMessage { Heartbeat = new AgentHeartbeat() });

    /// <summary>The next message for which something holds; others before it are dropped.</summary>
    public async Task<CoordinatorMessage> WaitAsync(Func<CoordinatorMessage, bool> which)
    {
        using var limit = new CancellationTokenSource(Eventually.Limit);
        await foreach (var message in _incoming.Reader.ReadAllAsync(limit.Token))
        {
            if (which(message))
            {
                return message;
            }
        }

        await _reading;
        throw new InvalidOperationException("the stream ended before the message came");
    }

    public async Task<RunCommand> CommandAsync() =>
        (await WaitAsync(message => message.KindCase == CoordinatorMessage.KindOneofCase.Run)).Run;

    public async Task<Assignment> AssignmentAsync() =>
        (await WaitAsync(message => message.KindCase == CoordinatorMessage.KindOneofCase.Assignment)).Assignment;

    public async Task AcknowledgedAsync(long sequence) =>
        await WaitAsync(message =>
            message.KindCase == CoordinatorMessage.KindOneofCase.Acknowledge && message.Acknowledge.OutboxSequence >= sequence);

    /// <summary>Tells that an attempt began; waits until that is committed.</summary>
    public async Task StartAsync(RunCommand command)
    {
        await SendAsync(_agent.Entry(Started(command)));
        await AcknowledgedAsync(_agent.Sequence);
    }

    /// <summary>Tells how an attempt ended; waits until that is committed.</summary>
    public async Task FinishAsync(RunCommand command, ActionOutcome outcome = ActionOutcome.Succeeded, bool retryable = false)
    {
        await SendAsync(_agent.Entry(Finished(command, outcome, retryable)));
        await AcknowledgedAsync(_agent.Sequence);
    }

    /// <param name="shape">Changes the result before it is sent.</param>
    public async Task FinishAsync(RunCommand command, ActionOutcome outcome, Action<ActionResult> shape)
    {
        var finished = Finished(command, outcome);
        shape(finished.Result);
        await SendAsync(_agent.Entry(finished));
        await AcknowledgedAsync(_agent.Sequence);
    }

    public static RunStarted Started(RunCommand command) => new()
    {
        RunId = command.RunId,
        Attempt = command.Attempt,
        StartedAt = command.ScheduledAt,
        Policy = command.Policy,
        PolicyRevision = command.PolicyRevision,
        ScheduledAt = command.ScheduledAt,
        Trigger = command.Trigger,
    };

    public static RunFinished Finished(RunCommand command, ActionOutcome outcome = ActionOutcome.Succeeded, bool retryable = false) => new()
    {
        RunId = command.RunId,
        Attempt = command.Attempt,
        Policy = command.Policy,
        PolicyRevision = command.PolicyRevision,
        ScheduledAt = command.ScheduledAt,
        Trigger = command.Trigger,
        Result = new ActionResult
        {
            Outcome = outcome,
            Retryable = retryable,
            Message = $"test: {outcome}",
            StartedAt = command.ScheduledAt,
            FinishedAt = command.ScheduledAt + Duration.FromTimeSpan(TimeSpan.FromSeconds(1)),
        },
    };

    /// <summary>Breaks the connection, as a lost path does.</summary>
    public async ValueTask DisposeAsync()
    {
        _call.Dispose();
        await Record.ExceptionAsync(() => _reading);
    }

    private async Task ReadAsync(Hello hello)
    {
        try
        {
            await SendAsync(new AgentMessage { Hello = hello });
            await foreach (var message in _call.ResponseStream.ReadAllAsync())
            {
                if (message.KindCase == CoordinatorMessage.KindOneofCase.Heartbeat && message.Heartbeat.Number != 0 && AnswersProbes)
                {
                    if (BeatsBeforeItAnswers)
                    {
                        await HeartbeatAsync();
                    }

                    await SendAsync(new AgentMessage { Heartbeat = new AgentHeartbeat { AnswerTo = message.Heartbeat.Number } });
                }

                _incoming.Writer.TryWrite(message);
            }
        }
        finally
        {
            _incoming.Writer.TryComplete();
        }
    }
}
