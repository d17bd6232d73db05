using System.Threading.Channels;
using Fleet.Coordinator.Grains;
using Fleet.Protocol.V1;
using Grpc.Core;

namespace Fleet.Coordinator.Sessions;

/// <summary>
/// What goes down one stream: a bounded queue and one writer. Who sends never waits for the agent; an agent that does not read is
/// cut off instead, and gets everything again when it comes back.
/// </summary>
internal sealed class SessionOutput : ISessionObserver
{
    private const int QueueLength = 1_024;

    private readonly Channel<CoordinatorMessage> _queue = Channel.CreateBounded<CoordinatorMessage>(
        new BoundedChannelOptions(QueueLength) { SingleReader = true });
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource<SessionEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What was sent before the session had its first messages; null once it has.</summary>
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
    /// What the session begins with goes first: its grain may already have sent what is newer, an assignment for example, and that must
    /// win.
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

    /// <summary>No message is taken any more; those that were are still sent.</summary>
    public void End(SessionEnd end)
    {
        if (!_ended.TrySetResult(end))
        {
            return;
        }

        lock (_gate)
        {
            // What came before the beginning is still to be queued: Begin completes it then.
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
