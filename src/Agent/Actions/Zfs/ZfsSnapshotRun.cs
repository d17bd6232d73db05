using System.Collections.Concurrent;
using Fleet.Agent.Logging;
using Fleet.Agent.Zfs;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Agent.Actions.Zfs;

/// <summary>
/// The action "zfs.snapshot": snapshots of datasets, per pool at one instant, with a command before and one after. A policy that
/// skips what did not change still succeeds then: its newest snapshot is what the data is.
/// </summary>
internal sealed class ZfsSnapshotRun : IAction
{
    private const int MaxNote = 256; // as StartActionRequest.note
    private const int MaxReported = 1_000;
    private readonly ConcurrentDictionary<string, byte> _hung = new();

    public Protocol.V1.Action.KindOneofCase Kind => Protocol.V1.Action.KindOneofCase.ZfsSnapshot;

    public async Task<ActionResult> RunAsync(ActionContext context, CancellationToken cancellationToken)
    {
        var action = context.Action.ZfsSnapshot;
        var selection = new ZfsSelection(action.Datasets, action.Recursive, action.Excludes);
        if (selection.Problem is { } problem)
        {
            return ToolOutcome.Failed(problem);
        }

        if (action.Note.Length > MaxNote || LogText.Escape(action.Note) != action.Note)
        {
            return ToolOutcome.Failed($"a note has at most {MaxNote} characters, all printable");
        }

        var attempt = new ZfsAttempt(context, _hung);
        context.Log.Progress(new RunProgress { Phase = "looking at the datasets" });
        var (plans, stop) = await PlanAsync(attempt, selection, cancellationToken);
        if (stop is not null)
        {
            return stop;
        }

        return action.DryRun
            ? DryRun(context, plans)
            : await new SnapshotHooks(context, action.Before, action.After, attempt.Limit).AroundAsync(
                () => MakeAsync(attempt, plans, cancellationToken), cancellationToken);
    }

    private static async Task<(IReadOnlyList<ZfsSnapshotPlan> Plans, ActionResult? Stop)> PlanAsync(
        ZfsAttempt attempt, ZfsSelection selection, CancellationToken cancellationToken)
    {
        var (found, stop) = await attempt.FindAsync(selection, cancellationToken);
        if (stop is not null)
        {
            return ([], stop);
        }

        var plans = ZfsSnapshotPlan.Create(selection, found);
        var name = SnapshotName.Create(attempt.Context.Policy, attempt.Context.ScheduledAt, attempt.Context.RunId).ToString();
        return plans.Count == 0 ? ([], ToolOutcome.Failed("every dataset is excluded: there is nothing to snapshot"))
            : attempt.Refused("snapshot", plans.SelectMany(p => p.Targets)) is { } refused ? ([], refused)
            : plans.SelectMany(p => p.Targets).FirstOrDefault(t => !ZfsNames.Fits(t.Name, name)) is { } tooLong
                ? ([], ToolOutcome.Failed($"the name {tooLong.Name} is too long: with @{name} it would have more than {ZfsNames.MaxBytes} "
                    + $"bytes. Exclude it, or shorten the policy's name"))
            : (plans, null);
    }

    private static async Task<ActionResult> MakeAsync(
        ZfsAttempt attempt, IReadOnlyList<ZfsSnapshotPlan> plans, CancellationToken cancellationToken)
    {
        var context = attempt.Context;
        var result = new ActionResult { Outcome = ActionOutcome.Succeeded, ZfsSnapshot = new ZfsSnapshotResult() };
        List<string> messages = [];
        foreach (var plan in plans)
        {
            context.Log.Progress(new RunProgress { Phase = $"pool {plan.Pool}" });
            if (context.Action.ZfsSnapshot.SkipUnchanged && context.Policy.Length > 0
                && await new ZfsUnchangedCheck(attempt.Query, context) { Limit = attempt.Limit }.LastAsync(
                    plan, cancellationToken) is { } last)
            {
                result.ZfsSnapshot.UnchangedPools.Add(plan.Pool);
                messages.Add($"nothing was written in pool {plan.Pool} since {last.Name}, which remains the newest");
                continue;
            }

            var (made, error) = await new ZfsSnapshotMaker(attempt.Query, context) { Limit = attempt.Limit }.MakeAsync(
                plan, cancellationToken);
            if (error is not null)
            {
                var stopped = ZfsAttempt.Stopped(error, cancellationToken);
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

    private static ActionResult DryRun(ActionContext context, IReadOnlyList<ZfsSnapshotPlan> plans)
    {
        var name = SnapshotName.Create(context.Policy, context.ScheduledAt);
        var result = new ActionResult
        {
            Outcome = ActionOutcome.Succeeded,
            Message = $"dry run: {plans.Sum(p => p.Targets.Count)} snapshot(s) {name} would be made in pool(s) "
                + $"{string.Join(", ", plans.Select(p => p.Pool))}",
        };
        foreach (var target in plans.SelectMany(p => p.Targets))
        {
            ToolOutcome.AddDetail(result, $"{target.Name}@{name}");
        }

        return result;
    }

    /// <summary>A snapshot as results tell of it.</summary>
    public static ZfsSnapshotInfo Info(ZfsSnapshot snapshot) => new()
    {
        Name = snapshot.FullName,
        Guid = snapshot.Guid.Value,
        CreateTransactionGroup = (ulong)snapshot.CreateTransactionGroup,
        CreatedAt = Timestamp.FromDateTimeOffset(snapshot.Creation),
        ReferencedBytes = snapshot.ReferencedBytes,
    };
}
