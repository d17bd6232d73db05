using System.Threading.Channels;
using Fleet.Coordinator.Grains;
using Fleet.Protocol.V1;
using Grpc.Core;

namespace Fleet.Coordinator.Sessions;

/// <summary>
/// Sends messages to one stream, with a bounded queue and one writer. Senders never wait for the agent; an agent that does not read is
/// disconnected instead, and gets everything again when it comes back.
/// </summary>
internal sealed class SessionOutput : ISessionObserver
{
    private const int QueueLength = 1_024;

    private readonly Channel<CoordinatorMessage> _queue = Channel.CreateBounded<CoordinatorMessage>(
        new BoundedChannelOptions(QueueLength) { SingleReader = true });
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource<SessionEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Messages sent before the session's first ones; null once these are queued.</summary>
    private List<CoordinatorMessage>? _early = [];

    /// <summary>Completes with the reason when the coordinator wants the stream to end.</summary>
    public Task<SessionEnd> Ended => _ended.Task;

    public Task SendAsync(OutgoingMessage message)
    {
        TrySend(CoordinatorMessage.Parser.ParseFrom(message.CoordinatorMessage));
        return Task.CompletedTask;
    }

    public Task EndAsync(SessionEnd end)
    {
        End(end);
        return Task.CompletedTask;
    }

    /// <summary>
    /// The first messages of the session go first: its grain may already have sent something newer, for example an assignment, which must
    /// come last.
    /// </summary>
    public void Begin(IEnumerable<OutgoingMessage> first)
    {
        lock (_gate)
        {
            var early = _early ?? throw new InvalidOperationException("a session begins once");
            _early = null;
            foreach (var message in first)
            {
                Enqueue(CoordinatorMessage.Parser.ParseFrom(message.CoordinatorMessage));
            }

            early.ForEach(Enqueue);
            if (_ended.Task.IsCompleted)
            {
                _queue.Writer.TryComplete();
            }
        }
    }

    public void TrySend(CoordinatorMessage message)
    {
        lock (_gate)
        {
            if (_early is { Count: < QueueLength } early)
            {
                early.Add(message);
            }
            else
            {
                Enqueue(message);
            }
        }
    }

    private void Enqueue(CoordinatorMessage message)
    {
        if (!_queue.Writer.TryWrite(message) && !_ended.Task.IsCompleted)
        {
            End(new SessionEnd(
                (int)StatusCode.ResourceExhausted, (int)Reason.QueueFull, $"the agent left {QueueLength} messages unread", ""));
        }
    }

    /// <summary>Accepts no more messages; those that were accepted are still sent.</summary>
    public void End(SessionEnd end)
    {
        if (!_ended.TrySetResult(end))
        {
            return;
        }

        lock (_gate)
        {
            // Messages from before the beginning are still to be queued; Begin then completes the queue.
            if (_early is null)
            {
                _queue.Writer.TryComplete();
            }
        }
    }

    /// <summary>Sends until the queue is completed and empty.</summary>
    public async Task WriteAllAsync(IServerStreamWriter<CoordinatorMessage> stream, CancellationToken cancellationToken)
    {
        await foreach (var message in _queue.Reader.ReadAllAsync(cancellationToken))
        {
            await stream.WriteAsync(message, cancellationToken);
        }
    }
}
