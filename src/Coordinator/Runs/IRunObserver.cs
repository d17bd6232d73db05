using Orleans.Concurrency;

namespace Fleet.Coordinator.Runs;

/// <summary>Somebody who watches a run.</summary>
internal interface IRunObserver : IGrainObserver
{
    [OneWay]
    Task ProgressedAsync(ProgressReport report);

    /// <summary>There are new lines in the store.</summary>
    [OneWay]
    Task LoggedAsync();
}
