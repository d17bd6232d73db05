using Fleet.Coordinator.State.Events;
using Fleet.Coordinator.State.Metrics;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Hosting;

/// <summary>
/// Reads the large databases whole after each start, beside the work. Damage in the store ends the coordinator: what it would go on to
/// acknowledge would be lost when a backup is restored, while agents keep what nobody has acknowledged. The next start refuses the file.
/// </summary>
internal sealed partial class StoreInspection(
    SqliteStore store,
    RollupStore rollups,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<StoreInspection> log
) : BackgroundService
{
    private static readonly TimeSpan ToldWithin = TimeSpan.FromSeconds(5);

    /// <summary>Why the coordinator must not go on; null if nothing is known against it.</summary>
    public StoreException? Damage { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (store.IsCheckedWhole && rollups.IsCheckedWhole)
        {
            return;
        }

        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var whenStarted = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
        if (!store.IsCheckedWhole && await FindAsync(store.Path, stoppingToken) is { } damage)
        {
            Damage = damage;
            StoreDamaged(log, damage);
            await TellAsync(damage);
            lifetime.StopApplication();
            return;
        }

        if (!rollups.IsCheckedWhole && await FindAsync(rollups.Path, stoppingToken) is { } ofMetrics)
        {
            // Put aside at the next start; until then what can be read of it is.
            StoreDamaged(log, ofMetrics);
        }
    }

    /// <returns>Null if it is sound, or could not be looked at.</returns>
    private async Task<StoreException?> FindAsync(string path, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        try
        {
            await Task.Factory.StartNew(
                () => StoreCheck.Whole(path, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            var time = clock.GetElapsedTime(began);
            StoreChecked(log, path, time);
            return null;
        }
        catch (StoreException exception) when (File.Exists(StoreCheck.MarkOf(path)))
        {
            return exception;
        }
        catch (StoreException exception)
        {
            StoreNotChecked(log, exception);
            return null;
        }
    }

    private async Task TellAsync(StoreException damage)
    {
        try
        {
            await store
                .WriteAsync(transaction =>
                    EventAppender.Append(
                        transaction,
                        new NewEvent(
                            EventTypes.CoordinatorStoreDamaged,
                            EventSeverity.Error,
                            $"the coordinator is shutting down: {damage.Message}")))
                .WaitAsync(ToldWithin, clock);
        }
        catch (Exception exception) when (exception is StoreException or TimeoutException)
        {
            StoreStuck(log, exception);
        }
    }
}
