using Orleans.Concurrency;

namespace Fleet.Coordinator.Events;

/// <summary>A process that has subscribers.</summary>
internal interface IEventFeedObserver : IGrainObserver
{
    [OneWay]
    Task HeadMovedAsync(long head);
}
