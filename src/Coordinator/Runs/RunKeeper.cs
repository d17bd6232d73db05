using Fleet.Coordinator.Clock;
using Fleet.Coordinator.Configuration;
using Fleet.Coordinator.Grains;
using Fleet.Coordinator.State.Runs;
using Fleet.Coordinator.State.Scheduling;
using Fleet.Coordinator.Storage;

namespace Fleet.Coordinator.Runs;

/// <summary>
/// Looks after runs from the store: wakes hosts whose runs may start (a pause has ended, a call got lost), expires what waited too
/// long, forgets what is old.
/// </summary>
internal sealed class RunKeeper(
    SqliteStore store,
    IGrainFactory grains,
    TrustedClock trusted,
    TrustedTime trustedTime,
    LiveOptions options,
    TimeProvider clock,
    ILogger<RunKeeper> log) : BackgroundService
{
    /// <summary>Runs looked at in one transaction: each may bring along a result of its last attempt.</summary>
    private const int PerCommit = 50;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ForgetEvery = TimeSpan.FromMinutes(10);

    /// <summary>Answers to repeated requests are kept this long.</summary>
    private static readonly TimeSpan RequestsKeep = TimeSpan.FromDays(7);

    /// <summary>What an agent has for ending a tool that ran out of its time, and for telling so.</summary>
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
                RunLog.KeeperFailed(log, exception);
            }
        }
    }

    private async Task WakeAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        const string Waiting =
            """
            SELECT DISTINCT r.host_id FROM runs r INDEXED BY runs_open JOIN hosts h ON h.host_id = r.host_id
            WHERE r.state <= 3 AND r.state = 1 AND r.not_before <= $now AND h.connected = 1
            """;
        var hosts = await store.ReadAsync(
            reader => reader.Query(Waiting, static row => row.GetString(0), ("$now", now.ToColumn())), cancellationToken);
        foreach (var hostId in hosts)
        {
            grains.GetGrain<IHostGrain>(hostId).DispatchAsync().Forget();
        }
    }

    /// <summary>
    /// The time limit is the agent's to enforce. When it does not, people are told: a run without an end would hold up its policy
    /// without a word. started_at is the host's clock, so its offset is taken out.
    /// </summary>
    private async Task FindOverdueAsync(CancellationToken cancellationToken)
    {
        const string GoingOn = RunStore.SelectOpen +
            """
             AND r.state = 3 AND h.connected = 1 AND r.overdue_at IS NULL
               AND r.started_at - h.clock_offset_ms + r.timeout_ms + $grace <= $now LIMIT $limit
            """;
        (string, object?)[] parameters =
            [("$now", trustedTime.GetUtcNow().ToColumn()), ("$grace", (long)OverdueGrace.TotalMilliseconds), ("$limit", PerCommit)];
        if (await store.ReadAsync(reader => reader.First(GoingOn, RunStore.Read, parameters), cancellationToken) is null)
        {
            return;
        }

        var overdue = await store.WriteAsync(
            transaction => transaction.Query(GoingOn, RunStore.Read, parameters)
                .Select(run => RunStore.Change(transaction, run, new RunInput.Overdue()))
                .OfType<RunRow>()
                .ToList(),
            cancellationToken);
        foreach (var run in overdue)
        {
            RunLog.Overdue(log, run.RunId, run.HostId, run.Timeout);
            grains.GetGrain<IHostGrain>(run.HostId).CancelAsync(run.RunId, run.CancelReason!).Forget();
        }
    }

    /// <summary>
    /// A scheduled run of a host that is away is not judged before the host is back: its agent may have run it by itself. There is
    /// at most one such run for each policy.
    /// </summary>
    private async Task ExpireAsync(CancellationToken cancellationToken)
    {
        const string Outlived = RunStore.SelectOpen + " AND r.state = 1 AND r.expires_at <= $now AND (r.trigger = 3 OR h.connected = 1) LIMIT $limit";
        var now = trustedTime.GetUtcNow();
        while (await store.ReadAsync(
            reader => reader.First(Outlived, RunStore.Read, ("$now", now.ToColumn()), ("$limit", 1)), cancellationToken) is not null)
        {
            var catchUp = new List<string>();
            var count = await store.WriteAsync(
                transaction =>
                {
                    var runs = transaction.Query(Outlived, RunStore.Read, ("$now", now.ToColumn()), ("$limit", PerCommit));
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
        while (await store.WriteInBackgroundAsync(transaction => RunStore.Forget(transaction, limit, PerCommit), cancellationToken) is { } count)
        {
            total += count;
        }

        await store.WriteAsync(
            transaction => transaction.Execute(
                "DELETE FROM requests WHERE request_id IN (SELECT request_id FROM requests WHERE at < $limit LIMIT 5000)",
                ("$limit", (clock.GetUtcNow() - RequestsKeep).ToColumn())),
            cancellationToken);
        if (total > 0)
        {
            RunLog.Forgotten(log, total, keep);
        }
    }
}
