namespace Fleet.Coordinator.Grains;

/// <inheritdoc cref="IEventFeedGrain"/>
[GrainType("eventfeed")]
internal sealed class EventFeedGrain(TimeProvider clock) : Grain, IEventFeedGrain
{
    /// <summary>An observer that has not come back within this time is gone.</summary>
    private static readonly TimeSpan ObserverLife = TimeSpan.FromSeconds(60);

    private readonly Dictionary<IEventFeedObserver, long> _observers = [];
    private long _head;

    public Task SubscribeAsync(IEventFeedObserver observer)
    {
        _observers[observer] = clock.GetTimestamp();
        return observer.HeadMovedAsync(_head);
    }

    public async Task AdvanceAsync(long head)
    {
        if (head <= _head)
        {
            return;
        }

        _head = head;
        foreach (var (observer, since) in _observers.ToArray())
        {
            if (clock.GetElapsedTime(since) > ObserverLife)
            {
                _observers.Remove(observer);
                continue;
            }

            try
            {
                await observer.HeadMovedAsync(head);
            }
            catch (Exception exception) when (GrainFailure.IsUnreachable(exception))
            {
                _observers.Remove(observer);
            }
        }
    }
}
