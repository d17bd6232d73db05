using Orleans.Concurrency;

namespace Fleet.Coordinator.Grains;

/// <summary>What is known of a running run and need not survive: its newest progress, and who watches. The key is the run's id.</summary>
[Alias("fleet.RunGrain")]
internal interface IRunGrain : IGrainWithStringKey
{
    [OneWay]
    [Alias("ReportProgress")]
    Task ReportProgressAsync(ProgressReport report);

    /// <summary>Lines of its log were stored.</summary>
    [OneWay]
    [Alias("Logged")]
    Task LoggedAsync();

    /// <summary>Null: none was reported.</summary>
    [Alias("GetProgress")]
    Task<ProgressReport?> GetProgressAsync();

    /// <summary>Repeated from time to time, for observers are not durable.</summary>
    [Alias("Watch")]
    Task WatchAsync(IRunObserver observer);

    [Alias("Unwatch")]
    Task UnwatchAsync(IRunObserver observer);
}
