using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Fleet.Testing.Fuzz;
using Grpc.Core;

namespace Fleet.Coordinator.Tests.Fuzz;

/// <summary>An enrolled host that sends whatever a message can hold, in session after session.</summary>
internal sealed class HostileAgent(TestCoordinator coordinator, ScriptedAgent host, RandomMessages messages)
{
    private const int MostPerSession = 2_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(150);
    private string _outboxId = messages.Hex(32);
    private long _sequence;

    /// <summary>Sessions that were begun.</summary>
    public int Sessions { get; private set; }

    public async Task SendAsync(int count)
    {
        while (count > 0)
        {
            count -= await SessionAsync(Math.Min(count, MostPerSession));
        }
    }

    /// <summary>What the host sends next of its own accord, however strange.</summary>
    private AgentMessage Next()
    {
        var message = messages.Make<AgentMessage>();
        switch (message.KindCase)
        {
            case AgentMessage.KindOneofCase.Hello when messages.Random.Next(400) > 0:
                // It would end the session.
                return new AgentMessage { Heartbeat = messages.Make<AgentHeartbeat>() };
            case AgentMessage.KindOneofCase.Outbox when messages.Random.Next(500) > 0:
                (message.Outbox.OutboxId, message.Outbox.Sequence) = (_outboxId, ++_sequence);
                break;
            default:
                break;
        }

        return message;
    }

    private async Task<int> SessionAsync(int most)
    {
        Sessions++;
        using var limit = new CancellationTokenSource(Patience);
        using var call = new AgentService.AgentServiceClient(coordinator.Connect(host.Certificate)).Session(cancellationToken: limit.Token);
        var hello = messages.Make<Hello>();
        if (messages.Random.Next(4) > 0)
        {
            (hello.ProtocolRevision, hello.SentAt, hello.InstanceId) = (1, null, "instance");
        }

        var sent = 1;
        var admitted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var reading = DrainAsync(call.ResponseStream, admitted);
        try
        {
            await call.RequestStream.WriteAsync(new AgentMessage { Hello = hello }, limit.Token);
            await Task.WhenAny(admitted.Task, reading);
            for (; sent < most && !reading.IsCompleted; sent++)
            {
                await call.RequestStream.WriteAsync(Next(), limit.Token);
            }

            await call.RequestStream.CompleteAsync();
        }
        catch (Exception exception) when (exception is RpcException or IOException)
        {
            // The coordinator has ended the session: what it says is checked below.
        }

        if (await reading.WaitAsync(Patience) is { } end)
        {
            // A reset instead of a status would be CANCELLED, or have no reason.
            Assert.False(
                end.StatusCode is StatusCode.Unauthenticated or StatusCode.Cancelled
                    || end.Trailers.GetValue("fleet-reason") is "INTERNAL" or null,
                $"a session ended with {end.Status}");

            // What was under way when it ended may be committed or not: begin under another name, as a new state directory does.
            (_outboxId, _sequence) = (messages.Hex(32), 0);
        }

        return sent;
    }

    private static async Task<RpcException?> DrainAsync(IAsyncStreamReader<CoordinatorMessage> incoming, TaskCompletionSource admitted)
    {
        try
        {
            while (await incoming.MoveNext(CancellationToken.None))
            {
                admitted.TrySetResult();
            }

            return null;
        }
        catch (RpcException exception)
        {
            return exception;
        }
    }
}
