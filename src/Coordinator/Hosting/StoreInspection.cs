using Fleet.Coordinator.State.Events;
using Fleet.Coordinator.State.Metrics;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Hosting;

/// <summary>
/// Ends the coordinator when its store can no longer be used. Large files are read whole after each start, in the background: anything that
/// a coordinator with a damaged store acknowledged would be lost when a backup is restored, while agents keep what is not acknowledged; the
/// next start refuses the file. In a database that another coordinator has taken over, nothing more is stored.
/// </summary>
internal sealed partial class StoreInspection(
    FleetStore store,
    RollupStore rollups,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<StoreInspection> log
) : BackgroundService
{
    private static readonly TimeSpan ToldWithin = TimeSpan.FromSeconds(5);

    /// <summary>Why the coordinator must not continue; null if there is no known reason.</summary>
    public StoreException? Damage { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await InspectAsync(stoppingToken);
        if (Damage is null)
        {
            Damage = await store.OwnerLost.WaitAsync(stoppingToken);
            OwnerLost(log, Damage);
            lifetime.StopApplication();
        }
    }

    private async Task InspectAsync(CancellationToken stoppingToken)
    {
        if (store.IsCheckedWhole && rollups.IsCheckedWhole)
        {
            return;
        }

        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var whenStarted = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
        if (!store.IsCheckedWhole && await FindAsync(store.Place, store.CheckWhole, () => store.IsSuspect, stoppingToken) is { } damage)
        {
            Damage = damage;
            StoreDamaged(log, damage);
            await TellAsync(damage);
            lifetime.StopApplication();
            return;
        }

        if (!rollups.IsCheckedWhole
            && await FindAsync(rollups.Place, rollups.CheckWhole, () => rollups.IsSuspect, stoppingToken) is { } ofMetrics)
        {
            // It is set aside at the next start; until then, whatever can be read of it is used.
            StoreDamaged(log, ofMetrics);
        }
    }

    /// <returns>Null if it is sound or could not be checked.</returns>
    private async Task<StoreException?> FindAsync(
        string place, Action<CancellationToken> check, Func<bool> isSuspect, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        try
        {
            await Task.Factory.StartNew(
                () => check(cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            var time = clock.GetElapsedTime(began);
            StoreChecked(log, place, time);
            return null;
        }
        catch (StoreException exception) when (isSuspect())
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
