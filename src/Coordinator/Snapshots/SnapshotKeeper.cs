using Fleet.Coordinator.Clock;
using Fleet.Coordinator.State.Snapshots;
using Fleet.Coordinator.Storage;

namespace Fleet.Coordinator.Snapshots;

/// <summary>Deletes snapshots that have been gone for long from the catalogue, a bounded number per commit.</summary>
internal sealed partial class SnapshotKeeper(FleetStore store, TrustedClock trusted, TimeProvider clock, ILogger<SnapshotKeeper> log)
    : BackgroundService
{
    /// <summary>How long snapshots that are gone can still be looked up.</summary>
    public static readonly TimeSpan Keep = TimeSpan.FromDays(30);

    private const int PerCommit = 2_000;
    private static readonly TimeSpan Pause = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, clock);
        do
        {
            try
            {
                while (await trusted.MayForgetAsync(stoppingToken)
                    && await store.WriteAsync(
                        transaction => SnapshotStore.Forget(transaction, transaction.Now - Keep, PerCommit),
                        stoppingToken
                    ) == PerCommit
                ) { }
            }
            catch (StoreException exception)
            {
                Failed(log, exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
