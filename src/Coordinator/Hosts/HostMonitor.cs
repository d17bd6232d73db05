using Fleet.Coordinator.State.Events;
using Fleet.Coordinator.State.Hosts;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Hosts;

/// <summary>
/// Reports hosts that have been away for longer than a short interruption. It reads the store, so it also works for hosts that
/// went away while the coordinator was down.
/// </summary>
internal sealed partial class HostMonitor(FleetStore store, TimeProvider clock, ILogger<HostMonitor> log) : BackgroundService
{
    /// <summary>A shorter absence appears only as the events disconnected and connected.</summary>
    public static readonly TimeSpan OfflineAfter = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await store.WriteAsync(SessionStore.EndAll, cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await TellOfflineAsync(stoppingToken);
            }
            catch (StoreException exception)
            {
                MonitorFailed(log, exception);
            }
        }
    }

    private async Task TellOfflineAsync(CancellationToken cancellationToken)
    {
        var limit = clock.GetUtcNow() - OfflineAfter;
        var gone = await store.ReadAsync(reader => SessionStore.GoneSince(reader, limit), cancellationToken);
        foreach (var part in gone.Chunk(200))
        {
            await store.WriteAsync(
                transaction =>
                {
                    foreach (var hostId in part)
                    {
                        Tell(transaction, hostId);
                    }
                },
                cancellationToken);
        }
    }

    private static void Tell(StoreTransaction transaction, string hostId)
    {
        if (!SessionStore.AnnounceOffline(transaction, hostId) || HostStore.FindById(transaction, hostId) is not { } host)
        {
            return;
        }

        EventAppender.Append(transaction, new NewEvent(EventTypes.HostOffline, EventSeverity.Error, $"{host.Name} is offline")
        {
            HostId = host.HostId,
            HostName = host.Name,
            Attributes = new Dictionary<string, string>
            {
                ["last_seen_at"] = host.LastSeenAt?.UtcDateTime.ToString("O", System.Globalization.CultureInfo.InvariantCulture) ?? "",
                ["address"] = host.Address,
            },
        });
    }
}
