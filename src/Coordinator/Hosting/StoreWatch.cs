using Fleet.Coordinator.Storage;

namespace Fleet.Coordinator.Hosting;

/// <summary>
/// Proves every few seconds that the store's writer still commits: what readiness and systemd's watchdog go by. A process that
/// lives and cannot commit is of no use, and is better started again.
/// </summary>
internal sealed class StoreWatch(SqliteStore store, IHostApplicationLifetime lifetime, SystemdNotifier systemd, TimeProvider clock, ILogger<StoreWatch> log)
    : BackgroundService, IReadiness
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CommitTimeout = TimeSpan.FromSeconds(15);

    private string? _problem = "the coordinator is starting";

    public string? NotReadyReason => lifetime.ApplicationStopping.IsCancellationRequested ? "the coordinator stops" : Volatile.Read(ref _problem);

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(() =>
        {
            Volatile.Write(ref _problem, null);
            systemd.Send("READY=1\nSTATUS=serving");
        });
        lifetime.ApplicationStopping.Register(() => systemd.Send("STOPPING=1\nSTATUS=stopping"));
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (!lifetime.ApplicationStarted.IsCancellationRequested)
            {
                continue;
            }

            try
            {
                await store.WriteAsync(static transaction => transaction.Number("SELECT 1"), stoppingToken)
                    .WaitAsync(CommitTimeout, clock, stoppingToken);
                Volatile.Write(ref _problem, null);
                systemd.Send("WATCHDOG=1");
            }
            catch (Exception exception) when (exception is TimeoutException or StoreException)
            {
                HostingLog.StoreStuck(log, exception);
                Volatile.Write(ref _problem, $"the store does not commit: {exception.Message}");
            }
        }
    }
}
