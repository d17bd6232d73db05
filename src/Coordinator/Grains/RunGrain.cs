namespace Fleet.Coordinator.Grains;

/// <inheritdoc cref="IRunGrain"/>
[GrainType("run")]
internal sealed class RunGrain(TimeProvider clock) : Grain, IRunGrain
{
    /// <summary>A watcher that has not come back within this time is gone.</summary>
    private static readonly TimeSpan WatcherLife = TimeSpan.FromSeconds(60);

    private readonly Dictionary<IRunObserver, long> _watchers = [];
    private ProgressReport? _newest;

    public Task ReportProgressAsync(ProgressReport report)
    {
        if (_newest is null || report.Attempt >= _newest.Attempt)
        {
            _newest = report;
        }

        return TellAsync(watcher => watcher.ProgressedAsync(report));
    }

    public Task LoggedAsync() => TellAsync(static watcher => watcher.LoggedAsync());

    public Task<ProgressReport?> GetProgressAsync() => Task.FromResult(_newest);

    public Task WatchAsync(IRunObserver observer)
    {
        _watchers[observer] = clock.GetTimestamp();
        return Task.CompletedTask;
    }

    public Task UnwatchAsync(IRunObserver observer)
    {
        _watchers.Remove(observer);
        return Task.CompletedTask;
    }

    private async Task TellAsync(Func<IRunObserver, Task> tell)
    {
        foreach (var (watcher, since) in _watchers.ToArray())
        {
            if (clock.GetElapsedTime(since) > WatcherLife)
            {
                _watchers.Remove(watcher);
                continue;
            }

            try
            {
                await tell(watcher);
            }
            catch (Exception exception) when (GrainFailure.IsUnreachable(exception))
            {
                _watchers.Remove(watcher);
            }
        }
    }
}
