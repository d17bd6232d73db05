using Orleans.Concurrency;

namespace Fleet.Coordinator.Grains;

/// <summary>Tells every process of the cluster how far the event log has got. There is one grain, with the key <see cref="Key"/>.</summary>
[Alias("fleet.EventFeedGrain")]
internal interface IEventFeedGrain : IGrainWithStringKey
{
    const string Key = "events";

    /// <summary>To be repeated from time to time, because observers are not durable.</summary>
    [Alias("Subscribe")]
    Task SubscribeAsync(IEventFeedObserver observer);

    /// <summary>Reports that events up to a sequence are committed.</summary>
    [OneWay]
    [Alias("Advance")]
    Task AdvanceAsync(long head);
}
