namespace Fleet.Coordinator.Limits;

/// <summary>Bounds bytes in memory: callers that need more than is free wait, in order of arrival.</summary>
internal sealed class ByteGate(long capacity)
{
    private readonly long _capacity = capacity;
    private readonly Lock _gate = new();
    private readonly LinkedList<(long Bytes, TaskCompletionSource Admitted)> _waiting = [];
    private long _free = capacity;

    /// <summary>Waits until there is room. A request larger than the bound is admitted when nothing else is.</summary>
    public async Task EnterAsync(long bytes, CancellationToken cancellationToken)
    {
        bytes = Math.Min(bytes, _capacity);
        LinkedListNode<(long Bytes, TaskCompletionSource Admitted)> node;
        lock (_gate)
        {
            if (_waiting.Count == 0 && _free >= bytes)
            {
                _free -= bytes;
                return;
            }

            node = _waiting.AddLast((bytes, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
        }

        try
        {
            await node.Value.Admitted.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            lock (_gate)
            {
                if (node.List is null)
                {
                    _free += bytes;
                }
                else
                {
                    _waiting.Remove(node);
                }

                Admit();
            }

            throw;
        }
    }

    /// <summary>Returns the bytes that were entered with.</summary>
    public void Leave(long bytes)
    {
        lock (_gate)
        {
            _free += Math.Min(bytes, _capacity);
            Admit();
        }
    }

    private void Admit()
    {
        while (_waiting.First is { } first && _free >= first.Value.Bytes)
        {
            _free -= first.Value.Bytes;
            _waiting.RemoveFirst();
            first.Value.Admitted.TrySetResult();
        }
    }
}
