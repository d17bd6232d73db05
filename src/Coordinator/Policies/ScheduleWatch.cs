using System.Globalization;
using Fleet.Coordinator.Alerts;
using Fleet.Coordinator.Grains;
using Fleet.Coordinator.State.Events;
using Fleet.Coordinator.State.Policies;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.Policies;

/// <summary>
/// Notices when instants of a schedule pass without being handled: compares the schedules with the instants that are recorded as covered,
/// without the grains and timers that cover them.
/// </summary>
internal sealed partial class ScheduleWatch(FleetStore store, IGrainFactory grains, TimeProvider clock, ILogger<ScheduleWatch> log)
    : BackgroundService, IAttentionSource
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    /// <summary>A younger instant may still be in progress.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan StandsFor = TimeSpan.FromMinutes(2);

    private readonly Stalls<string> _stalls = new(StandsFor, clock);
    private volatile IReadOnlyDictionary<string, DateTimeOffset> _told = new Dictionary<string, DateTimeOffset>();

    public ValueTask<IReadOnlyList<Attention>> CollectAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<Attention>>([.. _told.Select(one => new Attention
        {
            Severity = AttentionSeverity.Critical,
            Code = "schedule_stalled",
            Policy = one.Key,
            Message = $"scheduled instants of {one.Key} pass without a run",
            WhatToDo = $"systemctl restart fleet-coordinator on the coordinator; until then: fleet run {one.Key}",
            Since = Timestamp.FromDateTimeOffset(one.Value),
        })]);

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
        var missed = await store.ReadAsync(Missed, cancellationToken);
        foreach (var policy in missed.Keys)
        {
            // Its grain may have lost its timer; this restores it.
            grains.GetGrain<IPolicyGrain>(policy).RefreshAsync().Forget();
        }

        var (began, ended) = _stalls.Look(missed.Keys);
        _told = _stalls.Told;
        if (began.Count == 0 && ended.Count == 0)
        {
            return;
        }

        await store.WriteAsync(
            transaction =>
            {
                foreach (var policy in began)
                {
                    EventAppender.Append(transaction, new NewEvent(
                        EventTypes.PolicyScheduleStalled, EventSeverity.Error, $"scheduled instants of {policy} pass without a run")
                    {
                        Policy = policy,
                        Attributes = new Dictionary<string, string>
                        {
                            ["due_at"] = missed[policy].UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
                        },
                    });
                }

                foreach (var policy in ended)
                {
                    EventAppender.Append(transaction, new NewEvent(
                        EventTypes.PolicyScheduleResumed, EventSeverity.Info, $"the schedule of {policy} makes runs again")
                    {
                        Policy = policy,
                    });
                }
            },
            cancellationToken);
    }

    /// <summary>The oldest instant that was not covered, by policy.</summary>
    private Dictionary<string, DateTimeOffset> Missed(StoreReader reader)
    {
        var limit = clock.GetUtcNow() - Patience;
        var specs = PolicyStore.All(reader).ToDictionary(policy => policy.Spec.Name, policy => policy.Spec);
        var missed = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        foreach (var row in ProtectionStore.All(reader))
        {
            if (specs.TryGetValue(row.Policy, out var spec)
                && row.CoveredUntil < limit
                && PolicyRules.ScheduleFor(spec, row.HostId) is { } schedule
                && schedule.NextAfter(row.CoveredUntil) is { } next
                && next <= limit)
            {
                missed[row.Policy] = next;
            }
        }

        return missed;
    }
}
