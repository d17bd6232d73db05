namespace Fleet.Coordinator.Events;

/// <inheritdoc cref="IEventFeedGrain"/>
internal sealed class EventFeedGrain(TimeProvider clock) : Grain, IEventFeedGrain
{
    /// <summary>An observer that has not come back within this time is gone.</summary>
    private static readonly TimeSpan ObserverLife = TimeSpan.FromSeconds(60);

    private readonly Dictionary<IEventFeedObserver, DateTimeOffset> _observers = [];
    private long _head;

    public Task SubscribeAsync(IEventFeedObserver observer)
    {
        _observers[observer] = clock.GetUtcNow();
        return observer.HeadMovedAsync(_head);
    }

    public async Task AdvanceAsync(long head)
    {
        if (head <= _head)
        {
            return;
        }

        _head = head;
        var limit = clock.GetUtcNow() - ObserverLife;
        foreach (var (observer, since) in _observers.ToArray())
        {
            if (since < limit)
            {
                _observers.Remove(observer);
                continue;
            }

            try
            {
                await observer.HeadMovedAsync(head);
            }
            catch (OrleansException)
            {
                _observers.Remove(observer);
            }
        }
    }
}
