using System.Globalization;
using Fleet.Coordinator.Alerts;
using Fleet.Coordinator.State.Clock;
using Fleet.Coordinator.State.Events;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Fleet.Schedules.Retention.Clock;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.Clock;

/// <summary>
/// Decides whether old records may be deleted by this machine's clock. A clock that jumped ahead would make everything look old: nothing is
/// deleted until it is back, hosts agree with it, or an operator accepts it. Everything that deletes by age asks here first; what
/// expires uses <see cref="TrustedTime"/>.
/// </summary>
internal sealed partial class TrustedClock(FleetStore store, TrustedTime time, TimeProvider clock, ILogger<TrustedClock> log)
    : BackgroundService, IAttentionSource
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    /// <summary>To be called before anything is deleted for its age.</summary>
    public Task<bool> MayForgetAsync(CancellationToken cancellationToken) => store.WriteAsync(Judge, cancellationToken);

    /// <summary>Records that a person has checked the clock and says that it is right.</summary>
    public Task<AcceptClockResponse> AcceptAsync(string note, string by, CancellationToken cancellationToken) => store.WriteAsync(
        transaction =>
        {
            Judge(transaction);
            var memory = ClockMemoryStore.Read(transaction);
            var accepted = memory?.SuspectSince is not null;
            var reading = time.Read();
            if (accepted)
            {
                Trust(transaction, reading);
                TellTrusted(transaction, $"accepted by {by}: {note}", by);
            }

            return new AcceptClockResponse
            {
                Accepted = accepted,
                Now = Timestamp.FromDateTimeOffset(reading.Wall),
                TrustedAt = memory is null ? null : Timestamp.FromDateTimeOffset(memory.Wall),
                Jump = memory is null || !accepted ? null : Duration.FromTimeSpan(memory.SuspectJump),
            };
        },
        cancellationToken);

    public async ValueTask<IReadOnlyList<Attention>> CollectAsync(CancellationToken cancellationToken) =>
        await store.ReadAsync(ClockMemoryStore.Read, cancellationToken) is { SuspectSince: { } since } memory
            ?
            [
                new Attention
                {
                    Severity = AttentionSeverity.Critical,
                    Code = "clock_jumped",
                    Message = $"the coordinator's clock is {Text(memory.SuspectJump)} ahead of what it should be: nothing old is "
                        + "forgotten, and times, freshness and schedules may be wrong",
                    WhatToDo = "on the coordinator: look at date and timedatectl. Put it right, or, if it is right: fleet clock "
                        + "accept --why TEXT",
                    Since = Timestamp.FromDateTimeOffset(since),
                },
            ]
            : [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, clock);
        do
        {
            try
            {
                await MayForgetAsync(stoppingToken);
            }
            catch (StoreException exception)
            {
                Failed(log, exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private bool Judge(StoreTransaction transaction)
    {
        var reading = time.Read();
        var memory = ClockMemoryStore.Read(transaction) ?? ClockMemoryStore.OfNewestEvent(transaction);
        var ahead = ClockJudgement.Ahead(reading, memory);
        if (ahead <= ClockJudgement.MostAhead)
        {
            ClockSetBack.Repair(transaction);
            if (memory?.SuspectSince is not null)
            {
                TellTrusted(transaction, "it is back", "");
            }

            // A clock that is far behind makes nothing look old. The trusted reading stays, so that the way back is not a jump.
            if (ahead >= -ClockJudgement.MostAhead || memory?.SuspectSince is not null)
            {
                Trust(transaction, ahead >= -ClockJudgement.MostAhead ? reading : memory!.Reading);
            }

            return true;
        }

        if (memory!.SuspectSince is { } since && ClockMemoryStore.HostsAgree(transaction, since, time.BootId) is > 0 and var hosts)
        {
            Trust(transaction, reading);
            TellTrusted(transaction, $"{hosts} hosts agree with it", "");
            return true;
        }

        if (memory.SuspectSince is null)
        {
            EventAppender.Append(transaction, new NewEvent(
                EventTypes.CoordinatorClockJumped,
                EventSeverity.Error,
                $"the coordinator's clock is {Text(ahead)} ahead of what it should be: nothing old is forgotten until it is back or "
                + "accepted")
            {
                Attributes = new Dictionary<string, string>
                {
                    ["trusted_at"] = memory.Wall.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
                    ["jump_seconds"] = ((long)ahead.TotalSeconds).ToString(CultureInfo.InvariantCulture),
                },
            });
        }

        ClockMemoryStore.Suspect(transaction, memory, memory.SuspectSince ?? reading.Wall, ahead);
        return false;
    }

    private void Trust(StoreTransaction transaction, ClockReading reading)
    {
        ClockMemoryStore.Trust(transaction, reading);
        transaction.AfterCommit(() => time.Remember(new TrustedReading(reading, null, TimeSpan.Zero)));
    }

    private static void TellTrusted(StoreTransaction transaction, string reason, string by) =>
        EventAppender.Append(transaction, new NewEvent(
            EventTypes.CoordinatorClockTrusted, EventSeverity.Info, $"the coordinator's clock is trusted again: {reason}")
        {
            Attributes = new Dictionary<string, string> { ["reason"] = reason, ["by"] = by },
        });

    private static string Text(TimeSpan time) => time.TotalDays >= 2
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalDays:0} days")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0} h");
}
