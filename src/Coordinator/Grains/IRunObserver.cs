using Orleans.Concurrency;

namespace Fleet.Coordinator.Grains;

/// <summary>A watcher of a run.</summary>
[Alias("fleet.RunObserver")]
internal interface IRunObserver : IGrainObserver
{
    [OneWay]
    [Alias("Progressed")]
    Task ProgressedAsync(ProgressReport report);

    /// <summary>There are new lines in the store.</summary>
    [OneWay]
    [Alias("Logged")]
    Task LoggedAsync();
}
