namespace Orleans.Runtime;

/// <summary>
/// The calls whose callers wait, in a few lists to keep processors out of each other's way. One timer looks through them, which
/// costs a caller two list operations in place of a timer of its own.
/// </summary>
internal sealed class PendingCalls : IDisposable
{
    private readonly SiloRuntime _silo;
    private readonly Shard[] _shards = [.. Enumerable.Range(0, Math.Max(1, Environment.ProcessorCount)).Select(_ => new Shard())];
    private ITimer? _timer;

    public PendingCalls(SiloRuntime silo)
    {
        _silo = silo;
    }

    public void Start()
    {
        // At most a second late, and never later than a tenth of the limit.
        var period = TimeSpan.FromMilliseconds(Math.Clamp(_silo.Messaging.ResponseTimeout.TotalMilliseconds / 10, 10, 1000));
        using (ExecutionContext.SuppressFlow())
        {
            _timer = _silo.Time.CreateTimer(static self => ((PendingCalls)self!).Check(), this, period, period);
        }
    }

    public void Add(GrainRequest request)
    {
        var timeout = request.Method.ResponseTimeout ?? _silo.Messaging.ResponseTimeout;
        request.DeadlineTimestamp = timeout == Timeout.InfiniteTimeSpan
            ? long.MaxValue
            : _silo.Time.GetTimestamp() + _silo.ToTimestampTicks(timeout);
        var index = Environment.CurrentManagedThreadId % _shards.Length;
        var shard = _shards[index];
        request.PendingShard = index;
        lock (shard.Gate)
        {
            request.PendingNext = shard.Head;
            if (shard.Head is not null)
            {
                shard.Head.PendingPrevious = request;
            }

            shard.Head = request;
        }
    }

    public void Remove(GrainRequest request)
    {
        var shard = _shards[request.PendingShard];
        lock (shard.Gate)
        {
            if (request.PendingPrevious is null)
            {
                // A request that is not in the list at all has no neighbours either.
                if (ReferenceEquals(shard.Head, request))
                {
                    shard.Head = request.PendingNext;
                }
            }
            else
            {
                request.PendingPrevious.PendingNext = request.PendingNext;
            }

            if (request.PendingNext is not null)
            {
                request.PendingNext.PendingPrevious = request.PendingPrevious;
            }

            request.PendingNext = request.PendingPrevious = null;
        }
    }

    /// <summary>Fails whatever is still waiting: the silo has stopped, and nothing will be answered any more.</summary>
    public void FailAll(Func<GrainRequest, Exception> reason)
    {
        foreach (var request in Snapshot(_ => true))
        {
            request.TryFail(reason(request));
        }
    }

    public void Dispose() => _timer?.Dispose();

    private void Check()
    {
        var now = _silo.Time.GetTimestamp();
        foreach (var request in Snapshot(r => r.DeadlineTimestamp <= now))
        {
            request.TimeOut(request.Method.ResponseTimeout ?? _silo.Messaging.ResponseTimeout);
        }
    }

    private List<GrainRequest> Snapshot(Func<GrainRequest, bool> wanted)
    {
        var found = new List<GrainRequest>();
        foreach (var shard in _shards)
        {
            lock (shard.Gate)
            {
                for (var request = shard.Head; request is not null; request = request.PendingNext)
                {
                    if (wanted(request))
                    {
                        found.Add(request);
                    }
                }
            }
        }

        return found;
    }

    private sealed class Shard
    {
        public Lock Gate { get; } = new();

        public GrainRequest? Head { get; set; }
    }
}
