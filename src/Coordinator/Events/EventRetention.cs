using Fleet.Coordinator.Clock;
using Fleet.Coordinator.Configuration;
using Fleet.Coordinator.State.Events;
using Fleet.Coordinator.Storage;

namespace Fleet.Coordinator.Events;

/// <summary>Deletes old events, a bounded number per commit, so that it never holds up other writers for long.</summary>
internal sealed partial class EventRetention(
    FleetStore store, TrustedClock trusted, LiveOptions options, TimeProvider clock, ILogger<EventRetention> log) : BackgroundService
{
    private const int PerCommit = 2_000;
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, clock);
        do
        {
            try
            {
                await ForgetAsync(stoppingToken);
            }
            catch (StoreException exception)
            {
                RetentionFailed(log, exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task ForgetAsync(CancellationToken cancellationToken)
    {
        if (!await trusted.MayForgetAsync(cancellationToken))
        {
            return;
        }

        var keep = options.Current.EventsKeep;
        var before = clock.GetUtcNow() - keep;
        long total = 0;
        int count;
        do
        {
            count = await store.WriteAsync(transaction => EventStore.Forget(transaction, before, PerCommit), cancellationToken);
            total += count;
        }
        while (count == PerCommit);

        if (total > 0)
        {
            Forgotten(log, total, keep);
        }
    }
}
