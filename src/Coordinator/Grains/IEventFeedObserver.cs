using Orleans.Concurrency;

namespace Fleet.Coordinator.Grains;

/// <summary>A process that has subscribers.</summary>
[Alias("fleet.EventFeedObserver")]
internal interface IEventFeedObserver : IGrainObserver
{
    [OneWay]
    [Alias("HeadMoved")]
    Task HeadMovedAsync(long head);
}
