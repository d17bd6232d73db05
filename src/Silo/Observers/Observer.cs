namespace Orleans.Runtime;

/// <summary>One observer and the calls that wait for it: it handles one at a time, on the thread pool.</summary>
internal sealed class Observer(SiloRuntime silo, GrainId id, IGrainObserver target) : IGrainContext
{
    private readonly WeakReference<IGrainObserver> _target = new(target);
    private readonly Queue<GrainRequest> _waiting = [];
    private bool _running;

    public bool IsAlive => _target.TryGetTarget(out _);

    public GrainId GrainId => id;

    public GrainReference GrainReference => new(new GrainReferenceShared(silo.References, id.Type), id.Key);

    public object? GrainInstance => _target.TryGetTarget(out var observer) ? observer : null;

    IServiceProvider IGrainContext.ActivationServices => throw new NotSupportedException("An observer has no activation.");

    IGrainLifecycle IGrainContext.ObservableLifecycle => throw new NotSupportedException("An observer has no activation.");

    Task IGrainContext.Deactivated => throw new NotSupportedException("An observer has no activation.");

    void IGrainContext.Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken) =>
        throw new NotSupportedException("An observer has no activation.");

    public bool Equals(IGrainContext? other) => ReferenceEquals(this, other);

    /// <summary>Takes a call.</summary>
    /// <returns>False if the object is gone.</returns>
    public bool TryReceive(GrainRequest request)
    {
        if (!IsAlive)
        {
            return false;
        }

        if (request.Interleaves)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static s => _ = s.self.RunAsync(s.request), (self: this, request), preferLocal: false);
            return true;
        }

        var limit = silo.Messaging.MaxEnqueuedRequestsHardLimit;
        lock (_waiting)
        {
            if (limit > 0 && _waiting.Count >= limit)
            {
                request.TryFail(new LimitExceededException($"{request.Target} has {limit} calls waiting, its limit."));
                return true;
            }

            _waiting.Enqueue(request);
            if (_running)
            {
                return true;
            }

            _running = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static self => _ = self.RunAllAsync(), this, preferLocal: false);
        return true;
    }

    private async Task RunAllAsync()
    {
        while (true)
        {
            GrainRequest? request;
            lock (_waiting)
            {
                if (!_waiting.TryDequeue(out request))
                {
                    _running = false;
                    return;
                }
            }

            if (!request.IsExpired)
            {
                await RunAsync(request);
            }
        }
    }

    private async Task RunAsync(GrainRequest request)
    {
        if (_target.TryGetTarget(out var observer))
        {
            await request.InvokeAsync(observer, this, silo.IncomingFilters);
        }
        else
        {
            request.TryFail(new ClientNotAvailableException(request.Target));
        }
    }
}
