using System.Globalization;
using Fleet.Coordinator.Alerts;
using Fleet.Coordinator.State.Events;
using Fleet.Coordinator.State.Hosts;
using Fleet.Coordinator.State.Runs;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.Hosts;

/// <summary>
/// Notices that a host is online, that runs which are due wait for it, and that it gets none. Goes by the store alone, not by what was
/// to send them: whatever the cause, also one that nobody thought of, people hear of it.
/// </summary>
internal sealed partial class DispatchWatch(FleetStore store, TimeProvider clock, ILogger<DispatchWatch> log)
    : BackgroundService, IAttentionSource
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(15);

    /// <summary>A run that has waited for less than this, or a session younger than this, is on its way.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Then it must be seen in every look for this long.</summary>
    private static readonly TimeSpan StandsFor = TimeSpan.FromMinutes(2);

    private readonly Stalls<string> _stalls = new(StandsFor, clock);
    private volatile IReadOnlyDictionary<string, DateTimeOffset> _told = new Dictionary<string, DateTimeOffset>();

    public async ValueTask<IReadOnlyList<Attention>> CollectAsync(CancellationToken cancellationToken)
    {
        var told = _told;
        if (told.Count == 0)
        {
            return [];
        }

        var waiting = await store.ReadAsync(Waiting, cancellationToken);
        return
        [
            .. waiting.Where(host => told.ContainsKey(host.HostId)).Select(host => new Attention
            {
                Severity = AttentionSeverity.Critical,
                Code = "dispatch_stalled",
                HostId = host.HostId,
                HostName = host.Name,
                RunId = host.OldestRunId,
                Message = $"{host.Name} is online, {Runs(host.Count)} for it, and receives none",
                WhatToDo = $"on {host.Name}: systemctl restart fleet-agent; if that does not help: journalctl -u fleet-coordinator on "
                    + "the coordinator, systemctl restart fleet-coordinator",
                Since = Timestamp.FromDateTimeOffset(told[host.HostId]),
            }),
        ];
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (StoreException exception)
            {
                WatchFailed(log, exception);
            }
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var waiting = (await store.ReadAsync(Waiting, cancellationToken)).ToDictionary(static host => host.HostId);
        var (began, ended) = _stalls.Look(waiting.Keys);
        _told = _stalls.Told;
        if (began.Count == 0 && ended.Count == 0)
        {
            return;
        }

        await store.WriteAsync(
            transaction =>
            {
                foreach (var host in began.Select(id => waiting[id]))
                {
                    EventAppender.Append(transaction, new NewEvent(
                        EventTypes.HostDispatchStalled, EventSeverity.Error, $"{host.Name} is online, {Runs(host.Count)} for it, and "
                            + "receives none")
                    {
                        HostId = host.HostId,
                        HostName = host.Name,
                        Attributes = new Dictionary<string, string>
                        {
                            ["waiting"] = host.Count.ToString(CultureInfo.InvariantCulture),
                            ["oldest_run_id"] = host.OldestRunId,
                        },
                    });
                }

                foreach (var host in ended.Select(id => HostStore.FindById(transaction, id)).OfType<HostRow>())
                {
                    EventAppender.Append(transaction, new NewEvent(
                        EventTypes.HostDispatchResumed, EventSeverity.Info, $"no due run waits for {host.Name} any longer")
                    {
                        HostId = host.HostId,
                        HostName = host.Name,
                    });
                }
            },
            cancellationToken);
    }

    private List<StalledHost> Waiting(StoreReader reader) => RunStore.StalledHosts(reader, clock.GetUtcNow() - Patience);

    private static string Runs(long count) => count == 1 ? "1 run that is due waits" : $"{count} runs that are due wait";
}
