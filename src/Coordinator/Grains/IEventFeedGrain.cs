using Orleans.Concurrency;

namespace Fleet.Coordinator.Grains;

/// <summary>Tells every process of the cluster how far the event log is. One grain, <see cref="Key"/>.</summary>
[Alias("fleet.EventFeedGrain")]
internal interface IEventFeedGrain : IGrainWithStringKey
{
    const string Key = "events";

    /// <summary>Repeated from time to time, for observers are not durable.</summary>
    [Alias("Subscribe")]
    Task SubscribeAsync(IEventFeedObserver observer);

    /// <summary>Events up to a sequence are committed.</summary>
    [OneWay]
    [Alias("Advance")]
    Task AdvanceAsync(long head);
}
