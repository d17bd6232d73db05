using System.Collections.Concurrent;
using Fleet.Agent.Actions.Command;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Agent.Actions.Zfs;

/// <summary>
/// The action "zfs.snapshot": snapshots of datasets, per pool at one instant, with a command before and one after. A policy that
/// skips what did not change still succeeds then: its newest snapshot is what the data is.
/// </summary>
internal sealed class ZfsSnapshotRun : IAction
{
    /// <summary>For a hook that gives none, as SnapshotHook.timeout says.</summary>
    private static readonly TimeSpan DefaultHookTimeout = TimeSpan.FromMinutes(1);

    private const int MaxDetails = 100;
    private const int MaxReported = 1_000;
    private readonly ConcurrentDictionary<string, byte> _hung = new();

    public string Name => "zfs.snapshot";

    public Protocol.V1.Action.KindOneofCase Kind => Protocol.V1.Action.KindOneofCase.ZfsSnapshot;

    public async Task<ActionResult> RunAsync(ActionContext context, CancellationToken cancellationToken)
    {
        var action = context.Action.ZfsSnapshot;
        if (ZfsSnapshotPlan.Problem(action) is { } problem)
        {
            return ToolOutcome.Failed(problem);
        }

        var attempt = new Attempt(context, new ZfsQuery(context.Tools, context.Time, _hung), context.Time.GetTimestamp());
        context.Log.Progress(new RunProgress { Phase = "looking at the datasets" });
        var (plans, stop) = await PlanAsync(attempt, cancellationToken);
        if (stop is not null)
        {
            return stop;
        }

        if (action.DryRun)
        {
            return DryRun(context, plans);
        }

        if (action.Before is null)
        {
            return await FinishAsync(attempt, await MakeOrCancelAsync(attempt, plans, cancellationToken));
        }

        context.Log.Progress(new RunProgress { Phase = "running the command before" });
        var before = await HookAsync(attempt, action.Before, cancellationToken);
        var result = before.Outcome == ActionOutcome.Succeeded
            ? await MakeOrCancelAsync(attempt, plans, cancellationToken)
            : new ActionResult
            {
                Outcome = before.Outcome,
                Message = $"no snapshot was made, because the command before it did not succeed: {before.Message}",
                Retryable = before.Retryable,
                Details = { before.Details },
                DetailsTotal = before.DetailsTotal,
            };
        return await FinishAsync(attempt, result);
    }

    private static async Task<(IReadOnlyList<ZfsSnapshotPlan> Plans, ActionResult? Stop)> PlanAsync(Attempt attempt, CancellationToken cancellationToken)
    {
        var action = attempt.Context.Action.ZfsSnapshot;
        List<ZfsTarget> found = [];
        foreach (var root in action.Datasets)
        {
            var list = new ZfsListing<ZfsTarget>(l => ZfsTargetListParser.Parse(l) is { } t && ZfsNames.IsWithin(t.Name, root) ? t : null, t => t.Name);
            var error = await attempt.Query.RunAsync(
                "zfs", ZfsNames.PoolOf(root), ZfsCommands.Targets(root, action.Recursive), list, list.Errors, attempt.Limit(ZfsInventory.ListTimeout), cancellationToken);
            if (error is not null)
            {
                return ([], Stopped(error, cancellationToken));
            }

            if (!list.IsComplete)
            {
                return ([], ToolOutcome.Failed($"a line of zfs list was not understood: {list.Refused[0]}"));
            }

            found.AddRange(list.Items);
        }

        var plans = ZfsSnapshotPlan.Create(action, found);
        var name = ZfsSnapshotName.Create(attempt.Context.Policy, attempt.Context.ScheduledAt, attempt.Context.RunId);
        return plans.Count == 0 ? ([], ToolOutcome.Failed("every dataset is excluded: there is nothing to make a snapshot of"))
            : plans.SelectMany(p => p.Targets).FirstOrDefault(t => !name.Fits(t.Name)) is { } tooLong
                ? ([], ToolOutcome.Failed($"{tooLong.Name} has too long a name: with @{name} it would have more than {ZfsNames.MaxBytes} bytes. Exclude it, or shorten the policy's name"))
            : (plans, null);
    }

    private static async Task<ActionResult> MakeOrCancelAsync(Attempt attempt, IReadOnlyList<ZfsSnapshotPlan> plans, CancellationToken cancellationToken)
    {
        try
        {
            return await MakeAsync(attempt, plans, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return Cancelled();
        }
    }

    private static async Task<ActionResult> MakeAsync(Attempt attempt, IReadOnlyList<ZfsSnapshotPlan> plans, CancellationToken cancellationToken)
    {
        var context = attempt.Context;
        var result = new ActionResult { Outcome = ActionOutcome.Succeeded, ZfsSnapshot = new ZfsSnapshotResult() };
        List<string> messages = [];
        foreach (var plan in plans)
        {
            context.Log.Progress(new RunProgress { Phase = $"pool {plan.Pool}" });
            if (context.Action.ZfsSnapshot.SkipUnchanged && context.Policy.Length > 0
                && await new ZfsUnchangedCheck(attempt.Query, context) { Limit = attempt.Limit }.LastAsync(plan, cancellationToken) is { } last)
            {
                result.ZfsSnapshot.UnchangedPools.Add(plan.Pool);
                messages.Add($"nothing was written in pool {plan.Pool} since {last.Name}, which stays the newest");
                continue;
            }

            var (made, error) = await new ZfsSnapshotMaker(attempt.Query, context) { Limit = attempt.Limit }.MakeAsync(plan, cancellationToken);
            if (error is not null)
            {
                var stopped = Stopped(error, cancellationToken);
                (result.Outcome, result.Retryable) = (stopped.Outcome, stopped.Retryable);
                messages.Add($"no snapshot was made in pool {plan.Pool}: {error.Message}");
                continue;
            }

            result.ZfsSnapshot.SnapshotsTotal += made.Count;
            result.ZfsSnapshot.Snapshots.AddRange(made.Take(MaxReported - result.ZfsSnapshot.Snapshots.Count).Select(Info));
            messages.Add($"{made.Count} snapshot(s) {made[0].Name} in pool {plan.Pool}");
            context.Log.Say(messages[^1]);
        }

        result.Message = string.Join("; ", messages);
        return result;
    }

    /// <summary>Runs the command after, whatever came of the rest: what the command before has stopped must go on.</summary>
    private static async Task<ActionResult> FinishAsync(Attempt attempt, ActionResult result)
    {
        if (attempt.Context.Action.ZfsSnapshot.After is { } hook)
        {
            attempt.Context.Log.Progress(new RunProgress { Phase = "running the command after" });
            var after = await HookAsync(attempt, hook, CancellationToken.None);
            if (after.Outcome != ActionOutcome.Succeeded)
            {
                AddDetail(result, $"the command after did not succeed: {after.Message}");
                foreach (var detail in after.Details)
                {
                    AddDetail(result, detail);
                }

                result.Outcome = result.Outcome == ActionOutcome.Succeeded ? ActionOutcome.SucceededWithWarnings : result.Outcome;
            }
        }

        return result;
    }

    private static Task<ActionResult> HookAsync(Attempt attempt, SnapshotHook hook, CancellationToken cancellationToken) =>
        CommandRun.RunAsync(attempt.Context, hook.Command, attempt.Limit(hook.Timeout?.ToTimeSpan() ?? DefaultHookTimeout), cancellationToken);

    private static ActionResult DryRun(ActionContext context, IReadOnlyList<ZfsSnapshotPlan> plans)
    {
        var name = ZfsSnapshotName.Create(context.Policy, context.ScheduledAt);
        var result = new ActionResult
        {
            Outcome = ActionOutcome.Succeeded,
            Message = $"dry run: {plans.Sum(p => p.Targets.Count)} snapshot(s) {name} would be made in pool(s) {string.Join(", ", plans.Select(p => p.Pool))}",
        };
        foreach (var target in plans.SelectMany(p => p.Targets))
        {
            AddDetail(result, $"{target.Name}@{name}");
        }

        return result;
    }

    private static ZfsSnapshotInfo Info(ZfsSnapshot snapshot) => new()
    {
        Name = snapshot.FullName,
        Guid = snapshot.Guid.Value,
        CreateTransactionGroup = (ulong)snapshot.CreateTransactionGroup,
        CreatedAt = Timestamp.FromDateTimeOffset(snapshot.Creation),
        ReferencedBytes = snapshot.ReferencedBytes,
    };

    private static ActionResult Stopped(ZfsError error, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? Cancelled() : ToolOutcome.Failed(error.Message, error.Retryable);

    private static ActionResult Cancelled() => new() { Outcome = ActionOutcome.Cancelled, Message = "cancelled" };

    private static void AddDetail(ActionResult result, string detail)
    {
        result.DetailsTotal++;
        if (result.Details.Count < MaxDetails)
        {
            result.Details.Add(detail);
        }
    }

    /// <summary>One attempt and the time that is left of it.</summary>
    private sealed record Attempt(ActionContext Context, ZfsQuery Query, long StartedAt)
    {
        /// <summary>At most so long, and no longer than the attempt may still take.</summary>
        public TimeSpan Limit(TimeSpan most)
        {
            var left = Context.Timeout - Context.Time.GetElapsedTime(StartedAt);
            return left > most ? most : left > TimeSpan.FromSeconds(1) ? left : TimeSpan.FromSeconds(1);
        }
    }
}
