using System.Collections.Concurrent;
using Fleet.Agent.Logging;
using Fleet.Agent.Lvm;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions.Lvm;

/// <summary>
/// The action "lvm.restore": merges a snapshot into its volume. The present state is kept as a snapshot first, and what was asked for is
/// written down before LVM hears of it, so that a merge that has to wait is followed until it is through, whatever happens to the agent. A
/// further attempt asks for nothing twice.
/// </summary>
internal sealed class LvmRestoreRun(LvmMergeRecords records) : IAction
{
    private const int MaxReported = 1_000;
    private readonly ConcurrentDictionary<string, byte> _hung = new();

    public Protocol.V1.Action.KindOneofCase Kind => Protocol.V1.Action.KindOneofCase.LvmRestore;

    public async Task<ActionResult> RunAsync(ActionContext context, CancellationToken cancellationToken)
    {
        var action = context.Action.LvmRestore;
        if (!LvmNames.IsVolumePath(action.Snapshot))
        {
            return ToolOutcome.Failed($"{LogText.Escape(action.Snapshot)} is not a snapshot name, such as vg/home.monday");
        }

        var attempt = new LvmAttempt(context, _hung);
        context.Log.Progress(new RunProgress { Phase = "looking at the volumes" });
        var (stock, error) = await attempt.LookAsync(cancellationToken);
        if (error is not null)
        {
            return LvmAttempt.Stopped(error, cancellationToken);
        }

        try
        {
            return !action.DryRun
                && records.Find(context.RunId) is { } earlier
                && LvmMergeWatch.StateOf(earlier, stock) != LvmMergeState.NotBegun
                ? Result(earlier, stock, null, new LvmRestoreResult { Volume = earlier.Volume })
                : await RunAsync(attempt, stock, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ToolOutcome.Failed($"this host's state cannot be written, so nothing is merged: {LogText.Escape(e.Message)}");
        }
        finally
        {
            records.HandOver(context.RunId);
        }
    }

    private async Task<ActionResult> RunAsync(LvmAttempt attempt, LvmStock stock, CancellationToken cancellationToken)
    {
        var context = attempt.Context;
        if (Plan(context, stock, out var stop) is not { } plan)
        {
            return stop;
        }

        if (context.Action.LvmRestore.DryRun)
        {
            return DryRun(plan);
        }

        if (plan.Safety.Made is null)
        {
            context.Log.Progress(new RunProgress { Phase = $"keeping the current state as {plan.Safety.FullName}" });
            var tags = LvmTags.CreateSafety(context.RunId);
            var notMade = await attempt.RunAsync(
                "lvcreate",
                plan.Safety.IsThin
                    ? LvmCommands.ThinSnapshot(plan.Origin.Group, plan.Origin.Name, plan.Safety.Name, tags)
                    : LvmCommands.ClassicSnapshot(plan.Origin.Group, plan.Origin.Name, plan.Safety.Name, plan.SafetySizeBytes, tags),
                cancellationToken);
            if (notMade is not null)
            {
                return LvmAttempt.Stopped(notMade with
                {
                    Message = $"nothing was merged, because the current state could not be kept: "
                    + $"{notMade.Message}"
                }, cancellationToken);
            }
        }

        // Right before the merge: others may have taken the names, and the safety snapshot must really be there.
        var (now, error) = await attempt.LookAsync(cancellationToken);
        if (error is not null)
        {
            return LvmAttempt.Stopped(error, cancellationToken);
        }

        if (Plan(context, now, out stop) is not { } checkedPlan)
        {
            return stop;
        }

        return checkedPlan.Origin.Uuid != plan.Origin.Uuid || checkedPlan.Safety.Made is null
            ? ToolOutcome.Failed($"nothing was merged: {plan.Safety.FullName} was not found afterwards", retryable: true)
            : await MergeAsync(attempt, checkedPlan, cancellationToken);
    }

    private static LvmRestorePlan? Plan(ActionContext context, LvmStock stock, out ActionResult stop)
    {
        var plan = LvmRestorePlan.Create(context, stock, out var problem);
        stop = plan is null ? ToolOutcome.Failed(problem)
            : context.Guard.Storage.Refusal("rollback", plan.Origin.FullName) is { } refusal ? ToolOutcome.Refused(refusal)
            : new ActionResult();
        return stop.Outcome == ActionOutcome.Unspecified ? plan : null;
    }

    private async Task<ActionResult> MergeAsync(LvmAttempt attempt, LvmRestorePlan plan, CancellationToken cancellationToken)
    {
        var context = attempt.Context;
        var record = new LvmMergeRecord
        {
            RunId = context.RunId,
            Snapshot = plan.Snapshot.FullName,
            SnapshotUuid = plan.Snapshot.Uuid,
            Group = plan.Origin.Group,
            Volume = plan.Origin.FullName,
            VolumeUuid = plan.Origin.Uuid,
            Safety = plan.Safety.FullName,
        };
        records.Begin(record);
        context.Log.Progress(new RunProgress { Phase = $"merging into {plan.Origin.FullName}" });

        // Of a classic snapshot it stays until all is copied back; if it is ended before, the kernel continues without it.
        var refusal = await attempt.Tools.RunAsync(
            "lvconvert", LvmCommands.Merge(plan.Snapshot.Group, plan.Snapshot.Name), cancellationToken, context.Timeout);
        var (stock, error) = await attempt.LastTools.LookAsync(CancellationToken.None);
        return error is not null
            ? ToolOutcome.Failed(
                $"it is not known whether {plan.Origin.FullName} was merged ({error.Message}): the agent keeps checking, and reports it")
            : Result(record, stock, refusal, Planned(plan));
    }

    private ActionResult Result(LvmMergeRecord record, LvmStock stock, LvmError? refusal, LvmRestoreResult details)
    {
        var state = LvmMergeWatch.StateOf(record, stock);
        details.Safety ??= new LvmSnapshotInfo { Name = record.Safety };
        details.Pending = state is LvmMergeState.Pending or LvmMergeState.Unknown;
        if (!details.Pending)
        {
            records.Remove(record.RunId);
        }

        var isOpen = stock.Volumes.Any(v => v.Uuid == record.VolumeUuid && v.MayBeOpen);
        var kept = $"its previous state is in {record.Safety}";
        return new ActionResult
        {
            LvmRestore = details,
            Outcome = state == LvmMergeState.Completed
                ? ActionOutcome.Succeeded
                : details.Pending
                ? ActionOutcome.SucceededWithWarnings
                : ActionOutcome.Failed,
            Retryable = state == LvmMergeState.NotBegun && (refusal?.Retryable ?? true),
            Message = state switch
            {
                LvmMergeState.Completed => $"{record.Volume} has the content of {record.Snapshot}; {kept}",
                LvmMergeState.Pending or LvmMergeState.Unknown => isOpen
                    ? $"not restored yet: {record.Volume} is open, and the merge of {record.Snapshot} waits for its next activation; {kept}"
                    : $"not restored yet: {record.Snapshot} is still being merged into {record.Volume}; {kept}",
                _ => $"nothing was merged: {refusal?.Message ?? "lvconvert did not start it"}; {kept}",
            },
        };
    }

    private static ActionResult DryRun(LvmRestorePlan plan)
    {
        var result = new ActionResult
        {
            Outcome = ActionOutcome.Succeeded,
            Message = $"dry run: {plan.Snapshot.FullName} would be merged into {plan.Origin.FullName}",
            Details = { plan.Describe() },
            LvmRestore = Planned(plan),
        };
        result.LvmRestore.Pending = plan.Origin.MayBeOpen;
        result.DetailsTotal = result.Details.Count;
        return result;
    }

    private static LvmRestoreResult Planned(LvmRestorePlan plan) => new()
    {
        Snapshot = LvmSnapshotRun.Info(plan.Snapshot),
        Volume = plan.Origin.FullName,
        Safety = plan.Safety.Made is { } made ? LvmSnapshotRun.Info(made) : new LvmSnapshotInfo { Name = plan.Safety.FullName },
        Detached = { plan.Detached.Take(MaxReported) },
    };
}
