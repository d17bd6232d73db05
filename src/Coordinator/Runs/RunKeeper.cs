using Fleet.Coordinator.Clock;
using Fleet.Coordinator.Configuration;
using Fleet.Coordinator.Grains;
using Fleet.Coordinator.State.Runs;
using Fleet.Coordinator.State.Scheduling;
using Fleet.Coordinator.Storage;

namespace Fleet.Coordinator.Runs;

/// <summary>
/// Maintains the runs in the store: wakes hosts whose runs may start (a pause has ended, or a call got lost), expires runs that waited
/// too long, and deletes old ones.
/// </summary>
internal sealed partial class RunKeeper(
    FleetStore store,
    IGrainFactory grains,
    TrustedClock trusted,
    TrustedTime trustedTime,
    LiveOptions options,
    TimeProvider clock,
    ILogger<RunKeeper> log) : BackgroundService
{
    /// <summary>Most runs in one transaction: each may come with the result of its last attempt.</summary>
    private const int PerCommit = 50;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ForgetEvery = TimeSpan.FromMinutes(10);

    /// <summary>How long answers to repeated requests are kept.</summary>
    private static readonly TimeSpan RequestsKeep = TimeSpan.FromDays(7);

    /// <summary>How long an agent has to end a tool that exceeded its time limit, and to report that.</summary>
    private static readonly TimeSpan OverdueGrace = TimeSpan.FromMinutes(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, clock);
        long? forgotten = null;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await ExpireAsync(stoppingToken);
                await WakeAsync(stoppingToken);
                await FindOverdueAsync(stoppingToken);
                if (forgotten is not { } before || clock.GetElapsedTime(before) >= ForgetEvery)
                {
                    forgotten = clock.GetTimestamp();
                    await ForgetAsync(stoppingToken);
                }
            }
            catch (StoreException exception)
            {
                KeeperFailed(log, exception);
            }
        }
    }

    private async Task WakeAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var hosts = await store.ReadAsync(reader => RunStore.HostsWithDueRuns(reader, now), cancellationToken);
        foreach (var hostId in hosts)
        {
            grains.GetGrain<IHostGrain>(hostId).DispatchAsync().Forget();
        }
    }

    /// <summary>
    /// The agent enforces the time limit. If it does not, people are informed: a run without an end would hold up its policy
    /// silently.
    /// </summary>
    private async Task FindOverdueAsync(CancellationToken cancellationToken)
    {
        var now = trustedTime.GetUtcNow();
        if (await store.ReadAsync(reader => RunStore.NewlyOverdue(reader, now, OverdueGrace, 1), cancellationToken) is [])
        {
            return;
        }

        var overdue = await store.WriteAsync(
            transaction => RunStore.NewlyOverdue(transaction, now, OverdueGrace, PerCommit)
                .Select(run => RunChanges.Apply(transaction, run, new RunInput.Overdue()))
                .OfType<RunRow>()
                .ToList(),
            cancellationToken);
        foreach (var run in overdue)
        {
            Overdue(log, run.RunId, run.HostId, run.Timeout);
            grains.GetGrain<IHostGrain>(run.HostId).CancelAsync(run.RunId, run.CancelReason!).Forget();
        }
    }

    /// <summary>
    /// A scheduled run of an offline host is not judged before the host is back, because its agent may have run it by itself. There is
    /// at most one such run for each policy.
    /// </summary>
    private async Task ExpireAsync(CancellationToken cancellationToken)
    {
        var now = trustedTime.GetUtcNow();
        while (await store.ReadAsync(reader => RunStore.Expired(reader, now, 1), cancellationToken) is not [])
        {
            var catchUp = new List<string>();
            var count = await store.WriteAsync(
                transaction =>
                {
                    var runs = RunStore.Expired(transaction, now, PerCommit);
                    foreach (var run in runs)
                    {
                        DispatchPlan.Expire(transaction, run, catchUp);
                    }

                    return runs.Count;
                },
                cancellationToken);
            foreach (var policy in catchUp.Distinct())
            {
                grains.GetGrain<IPolicyGrain>(policy).RefreshAsync().Forget();
            }

            if (count == 0)
            {
                return;
            }
        }
    }

    private async Task ForgetAsync(CancellationToken cancellationToken)
    {
        if (!await trusted.MayForgetAsync(cancellationToken))
        {
            return;
        }

        var keep = options.Current.RunsKeep;
        var limit = clock.GetUtcNow() - keep;
        var total = 0;
        while (await store.WriteInBackgroundAsync(transaction => RunStore.Forget(transaction, limit, PerCommit), cancellationToken)
                is { } count)
        {
            total += count;
        }

        var oldest = clock.GetUtcNow() - RequestsKeep;
        await store.WriteAsync(transaction => StartRequests.Forget(transaction, oldest), cancellationToken);
        if (total > 0)
        {
            Forgotten(log, total, keep);
        }
    }
}
