namespace Orleans.Runtime;

/// <summary>The stages of one activation: started from the lowest up, stopped from the highest that was started down.</summary>
internal sealed class ActivationLifecycle : IGrainLifecycle
{
    private readonly List<Subscription> _subscriptions = [];
    private int _started;

    public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        var subscription = new Subscription(this, stage, observer);
        lock (_subscriptions)
        {
            _subscriptions.Add(subscription);
        }

        return subscription;
    }

    public async Task OnStart(CancellationToken cancellationToken)
    {
        foreach (var subscription in Ordered())
        {
            await subscription.Observer.OnStart(cancellationToken);
            _started++;
        }
    }

    public async Task OnStop(CancellationToken cancellationToken)
    {
        foreach (var subscription in Ordered().Take(_started).Reverse())
        {
            await subscription.Observer.OnStop(cancellationToken);
        }
    }

    private Subscription[] Ordered()
    {
        lock (_subscriptions)
        {
            return [.. _subscriptions.OrderBy(s => s.Stage)];
        }
    }

    private sealed class Subscription(ActivationLifecycle lifecycle, int stage, ILifecycleObserver observer) : IDisposable
    {
        public int Stage { get; } = stage;

        public ILifecycleObserver Observer { get; } = observer;

        public void Dispose()
        {
            lock (lifecycle._subscriptions)
            {
                lifecycle._subscriptions.Remove(this);
            }
        }
    }
}
