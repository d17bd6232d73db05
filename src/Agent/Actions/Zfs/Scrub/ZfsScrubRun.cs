using System.Collections.Concurrent;
using Fleet.Agent.Zfs;
using Fleet.Agent.Zfs.Pool;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Agent.Actions.Zfs.Scrub;

/// <summary>
/// The action "zfs.scrub": starts scrubs and follows them, one pool after the other. A second attempt of a run follows what the first one
/// started and starts nothing that came to its end since.
/// </summary>
internal sealed class ZfsScrubRun : IAction
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<string, byte> _hung = new();

    public Protocol.V1.Action.KindOneofCase Kind => Protocol.V1.Action.KindOneofCase.ZfsScrub;

    public async Task<ActionResult> RunAsync(ActionContext context, CancellationToken cancellationToken)
    {
        var action = context.Action.ZfsScrub;
        if (action.Pools.Count == 0 || action.Pools.FirstOrDefault(p => !ZfsNames.IsPool(p)) is not null)
        {
            return ToolOutcome.Failed("pools must name at least one pool");
        }

        if (context.Guard.Storage.Refusal("scrub", action.Pools) is { } refused)
        {
            return ToolOutcome.Refused(refused);
        }

        var attempt = new ZfsAttempt(context, _hung);
        var report = new ScrubReport();
        foreach (var pool in action.Pools.Distinct())
        {
            if (await OneAsync(attempt, pool, report, cancellationToken) is { } stop)
            {
                report.Stop(pool, stop);
                break;
            }
        }

        return report.Result();
    }

    /// <returns>Null to continue with the next pool.</returns>
    private static async Task<ActionResult?> OneAsync(
        ZfsAttempt attempt, string pool, ScrubReport report, CancellationToken cancellationToken)
    {
        var action = attempt.Context.Action.ZfsScrub;
        var (status, error) = await LookAsync(attempt, pool, cancellationToken);
        if (error is not null)
        {
            report.Fail(pool, ZfsAttempt.Stopped(error, cancellationToken));
            return cancellationToken.IsCancellationRequested ? ToolOutcome.Cancelled() : null;
        }

        var scrub = Newest(status!, ZfsScanKind.Scrub);
        if (action.DryRun)
        {
            var now = scrub?.State switch
            {
                ZfsScanState.Running => "a scrub is running",
                ZfsScanState.Paused => "a scrub is paused",
                _ => "no scrub is running",
            };
            report.Say($"{pool}: {now}; it {Words(action.Operation)}");
            return null;
        }

        if (action.Operation is ZfsScrubOperation.Pause or ZfsScrubOperation.Stop)
        {
            return await HaltAsync(attempt, pool, action.Operation, report, cancellationToken);
        }

        if (attempt.Context.Attempt > 1
            && scrub is { State: ZfsScanState.Finished } done
            && done.At - (done.Duration ?? TimeSpan.Zero) >= attempt.Context.ScheduledAt)
        {
            report.Add(pool, status!, done, ZfsScrubState.Finished);
            return null;
        }

        if (Newest(status!, ZfsScanKind.Resilver) is { State: ZfsScanState.Running })
        {
            report.Fail(pool, ToolOutcome.Failed("a resilver is running, and no scrub can start until it is done", retryable: true));
            return null;
        }

        if (scrub is not { State: ZfsScanState.Running })
        {
            error = await DoAsync(attempt, pool, ScrubCommands.Start(pool), cancellationToken);
            if (error is not null and not { Kind: ZfsErrorKind.ScanRunning })
            {
                report.Fail(pool, ZfsAttempt.Stopped(error, cancellationToken));
                return null;
            }
        }

        return await FollowAsync(attempt, pool, report, cancellationToken);
    }

    private static async Task<ActionResult?> FollowAsync(
        ZfsAttempt attempt, string pool, ScrubReport report, CancellationToken cancellationToken)
    {
        var context = attempt.Context;
        while (true)
        {
            var (status, error) = await LookAsync(attempt, pool, CancellationToken.None);
            if (error is not null)
            {
                report.Fail(pool, ToolOutcome.Failed(error.Message, error.Retryable));
                return null;
            }

            switch (Newest(status!, ZfsScanKind.Scrub))
            {
                case { State: ZfsScanState.Finished } done:
                    report.Add(pool, status!, done, ZfsScrubState.Finished);
                    return null;
                case { State: ZfsScanState.Running } running:
                    Progress(context, pool, running);
                    break;
                case { State: ZfsScanState.Paused } paused:
                    report.Add(pool, status!, paused, ZfsScrubState.Paused);
                    report.Fail(pool, ToolOutcome.Failed("somebody paused the scrub: the next run resumes it"));
                    return null;
                case { } stopped:
                    report.Add(pool, status!, stopped, ZfsScrubState.Stopped);
                    report.Fail(pool, ToolOutcome.Failed("somebody stopped the scrub"));
                    return null;
                default:
                    report.Fail(pool, ToolOutcome.Failed("zpool status does not mention a scrub"));
                    return null;
            }

            // One second is what is left when the time is up.
            var isOver = attempt.Limit(TimeSpan.MaxValue) <= TimeSpan.FromSeconds(1);
            if (!isOver && !cancellationToken.IsCancellationRequested)
            {
                try
                {
                    await Task.Delay(attempt.Limit(LookEvery), context.Time, cancellationToken);
                    continue;
                }
                catch (OperationCanceledException)
                {
                    // Paused below, as when its time is up.
                }
            }

            await HaltAsync(attempt, pool, ZfsScrubOperation.Pause, report, CancellationToken.None);
            return cancellationToken.IsCancellationRequested
                ? ToolOutcome.Cancelled()
                : new ActionResult
                {
                    Outcome = ActionOutcome.TimedOut,
                    Message = "its time was up, so the scrub was paused; the next run resumes it"
                };
        }
    }

    private static async Task<ActionResult?> HaltAsync(
        ZfsAttempt attempt, string pool, ZfsScrubOperation operation, ScrubReport report, CancellationToken cancellationToken)
    {
        var isPause = operation == ZfsScrubOperation.Pause;
        var error = await DoAsync(attempt, pool, isPause ? ScrubCommands.Pause(pool) : ScrubCommands.Stop(pool), cancellationToken);
        if (error is not null and not { Kind: ZfsErrorKind.NoScan or ZfsErrorKind.ScanRunning })
        {
            report.Fail(pool, ZfsAttempt.Stopped(error, cancellationToken));
            return null;
        }

        var (status, _) = await LookAsync(attempt, pool, cancellationToken);
        if (status is not null && Newest(status, ZfsScanKind.Scrub) is { } scrub)
        {
            report.Add(pool, status, scrub, scrub.State switch
            {
                ZfsScanState.Paused => ZfsScrubState.Paused,
                ZfsScanState.Canceled => ZfsScrubState.Stopped,
                _ => ZfsScrubState.Finished,
            });
        }
        else
        {
            report.Say($"{pool}: there is no scrub to {(isPause ? "pause" : "stop")}");
        }

        return null;
    }

    private static void Progress(ActionContext context, string pool, ZfsScan running)
    {
        var progress = new RunProgress { Phase = $"scrub of {pool}" };
        if (running.Percent is { } percent)
        {
            progress.Percent = percent;
        }

        if (running.Remaining is { } remaining)
        {
            progress.Eta = Duration.FromTimeSpan(remaining);
        }

        context.Log.Progress(progress);
    }

    private static ZfsScan? Newest(ZfsPoolStatus status, ZfsScanKind kind) => status.Scans.Where(s => s.Kind == kind).MaxBy(s => s.At);

    private static async Task<(ZfsPoolStatus? Status, ZfsError? Error)> LookAsync(
        ZfsAttempt attempt, string pool, CancellationToken cancellationToken)
    {
        var status = new ZpoolStatusParser();
        var error = await attempt.Query.RunAsync(
            "zpool", pool, ZfsCommands.PoolStatus(pool), status, status.Errors, attempt.Limit(ZfsInventory.PoolTimeout), cancellationToken);
        return error is not null ? (null, error)
            : status.Result is { } result ? (result, null)
            : (null, new ZfsError(ZfsErrorKind.Unknown, "zpool status does not mention the pool", []));
    }

    private static Task<ZfsError?> DoAsync(
        ZfsAttempt attempt, string pool, IReadOnlyList<Tools.ToolArgument> arguments, CancellationToken cancellationToken) =>
        attempt.Query.DoAsync("zpool", pool, arguments, attempt.Limit(ZfsInventory.PoolTimeout), cancellationToken);

    private static string Words(ZfsScrubOperation operation) => operation switch
    {
        ZfsScrubOperation.Pause => "would be paused",
        ZfsScrubOperation.Stop => "would be stopped",
        _ => "would be started, or followed to its end",
    };
}
