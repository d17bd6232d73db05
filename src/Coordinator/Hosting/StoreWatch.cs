using System.Globalization;
using Fleet.Coordinator.Alerts;
using Fleet.Coordinator.Health;
using Fleet.Coordinator.State.Events;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.Hosting;

/// <summary>
/// Proves every few seconds that the store's writer still commits; readiness and systemd's watchdog depend on that. A process that is
/// alive but cannot commit is of no use, and is better restarted.
/// </summary>
internal sealed partial class StoreWatch(
    FleetStore store, IHostApplicationLifetime lifetime, SystemdNotifier systemd, TimeProvider clock, ILogger<StoreWatch> log)
    : BackgroundService, IReadiness, IAttentionSource
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CommitTimeout = TimeSpan.FromSeconds(15);

    private string? _problem = "the coordinator is starting";
    private Stuck? _stuck;

    public string? NotReadyReason =>
        lifetime.ApplicationStopping.IsCancellationRequested ? "the coordinator is shutting down" : Volatile.Read(ref _problem);

    public ValueTask<IReadOnlyList<Attention>> CollectAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<Attention>>(Volatile.Read(ref _stuck) is { } stuck
            ?
            [
                new Attention
                {
                    Severity = AttentionSeverity.Critical,
                    Code = "store_stuck",
                    Message = $"{stuck.Problem}: no run starts, no result is taken, no event is recorded",
                    WhatToDo = store.WhatToDo,
                    Since = Timestamp.FromDateTimeOffset(stuck.Since),
                },
            ]
            : []);

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
                await RecoveredAsync(stoppingToken);
                systemd.Send("WATCHDOG=1");
            }
            catch (Exception exception) when (exception is TimeoutException or StoreException)
            {
                StoreStuck(log, exception);
                var problem = $"the store does not commit: {exception.Message}";
                Volatile.Write(ref _problem, problem);
                Volatile.Write(ref _stuck, new Stuck(problem, _stuck?.Since ?? clock.GetUtcNow()));
            }
        }
    }

    /// <summary>Records now what could not be recorded while the store was stuck.</summary>
    private async Task RecoveredAsync(CancellationToken cancellationToken)
    {
        if (_stuck is not { } stuck)
        {
            return;
        }

        await store
            .WriteAsync(
                transaction =>
                    EventAppender.Append(
                        transaction,
                        new NewEvent(
                            EventTypes.CoordinatorStoreRecovered,
                            EventSeverity.Warning,
                            $"the store can commit again; it could not since {stuck.Since.UtcDateTime:u}")
                        {
                            Attributes = new Dictionary<string, string>
                            {
                                ["since"] = stuck.Since.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
                                ["problem"] = stuck.Problem,
                            },
                        }),
                cancellationToken)
            .WaitAsync(CommitTimeout, clock, cancellationToken);
        Volatile.Write(ref _stuck, null);
    }

    private sealed record Stuck(string Problem, DateTimeOffset Since);
}
