using Orleans.Concurrency;

namespace Fleet.Coordinator.Grains;

/// <summary>
/// What is known about a running run and need not survive a restart: its newest progress, and its watchers. The key is the run's id.
/// </summary>
[Alias("fleet.RunGrain")]
internal interface IRunGrain : IGrainWithStringKey
{
    [OneWay]
    [Alias("ReportProgress")]
    Task ReportProgressAsync(ProgressReport report);

    /// <summary>Reports that lines of its log were stored.</summary>
    [OneWay]
    [Alias("Logged")]
    Task LoggedAsync();

    /// <summary>Null if none was reported.</summary>
    [Alias("GetProgress")]
    Task<ProgressReport?> GetProgressAsync();

    /// <summary>To be repeated from time to time, because observers are not durable.</summary>
    [Alias("Watch")]
    Task WatchAsync(IRunObserver observer);

    [Alias("Unwatch")]
    Task UnwatchAsync(IRunObserver observer);
}
