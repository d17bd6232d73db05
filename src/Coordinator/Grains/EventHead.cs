namespace Fleet.Coordinator.Grains;

/// <summary>The newest event that this process knows to be committed, and a way to wait for a newer one.</summary>
internal sealed class EventHead
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _current;

    public long Current => Volatile.Read(ref _current);

    /// <summary>Moves the head forward; a lower number changes nothing.</summary>
    public void MoveTo(long sequence)
    {
        TaskCompletionSource moved;
        lock (_gate)
        {
            if (sequence <= _current)
            {
                return;
            }

            Volatile.Write(ref _current, sequence);
            moved = _moved;
            _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        moved.TrySetResult();
    }

    /// <summary>Completes once there is an event after a sequence.</summary>
    public Task WaitBeyondAsync(long sequence, CancellationToken cancellationToken)
    {
        Task moved;
        lock (_gate)
        {
            if (_current > sequence)
            {
                return Task.CompletedTask;
            }

            moved = _moved.Task;
        }

        return moved.WaitAsync(cancellationToken);
    }
}
