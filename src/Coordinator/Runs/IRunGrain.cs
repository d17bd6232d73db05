using Orleans.Concurrency;

namespace Fleet.Coordinator.Runs;

/// <summary>What is known of a running run and need not survive: its newest progress, and who watches. The key is the run's id.</summary>
internal interface IRunGrain : IGrainWithStringKey
{
    [OneWay]
    Task ReportProgressAsync(ProgressReport report);

    /// <summary>Lines of its log were stored.</summary>
    [OneWay]
    Task LoggedAsync();

    /// <summary>Null: none was reported.</summary>
    Task<ProgressReport?> GetProgressAsync();

    /// <summary>Repeated from time to time, for observers are not durable.</summary>
    Task WatchAsync(IRunObserver observer);

    Task UnwatchAsync(IRunObserver observer);
}
