using System.Collections.Concurrent;
using Fleet.Agent.Lvm;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Agent.Actions.Lvm;

/// <summary>
/// The action "lvm.snapshot": thin and classic snapshots of volumes, with a command before and one after. What a run made carries its id as
/// a tag, by which a further attempt knows it and makes only what is missing.
/// </summary>
internal sealed class LvmSnapshotRun : IAction
{
    private readonly ConcurrentDictionary<string, byte> _hung = new();

    public Protocol.V1.Action.KindOneofCase Kind => Protocol.V1.Action.KindOneofCase.LvmSnapshot;

    public async Task<ActionResult> RunAsync(ActionContext context, CancellationToken cancellationToken)
    {
        var action = context.Action.LvmSnapshot;
        if (LvmVolumeList.Problem(action.Volumes) is { } bad)
        {
            return ToolOutcome.Failed(bad);
        }

        if (context.Guard.Storage.Refusal("snapshot", action.Volumes) is { } refusal)
        {
            return ToolOutcome.Refused(refusal);
        }

        var attempt = new LvmAttempt(context, _hung);
        context.Log.Progress(new RunProgress { Phase = "looking at the volumes" });
        var (plans, stop) = await PlanAsync(attempt, cancellationToken);
        if (stop is not null || action.DryRun)
        {
            return stop ?? DryRun(plans);
        }

        return await new SnapshotHooks(context, action.Before, action.After, attempt.Limit).AroundAsync(
            MakePlannedAsync, cancellationToken);

        async Task<ActionResult> MakePlannedAsync()
        {
            if (action.Before is not null)
            {
                // While that ran, the room can have gone, and names can have been given to others.
                (plans, stop) = await PlanAsync(attempt, cancellationToken);
            }

            return stop ?? await MakeAsync(attempt, plans, cancellationToken);
        }
    }

    private static async Task<(IReadOnlyList<LvmSnapshotPlan> Plans, ActionResult? Stop)> PlanAsync(
        LvmAttempt attempt, CancellationToken cancellationToken)
    {
        var (stock, error) = await attempt.LookAsync(cancellationToken);
        if (error is not null)
        {
            return ([], LvmAttempt.Stopped(error, cancellationToken));
        }

        var plans = LvmSnapshotPlan.Create(attempt.Context, stock, out var problem);
        if (problem.Length == 0)
        {
            problem = LvmPreflight.Problem(attempt.Context.Action.LvmSnapshot, stock, [.. plans.Where(p => p.Made is null)]) ?? "";
        }

        return problem.Length > 0 ? ([], ToolOutcome.Failed(problem)) : (plans, null);
    }

    private static async Task<ActionResult> MakeAsync(
        LvmAttempt attempt, IReadOnlyList<LvmSnapshotPlan> plans, CancellationToken cancellationToken)
    {
        LvmError? error = null;
        foreach (var plan in plans.Where(p => p.Made is null))
        {
            if (error is not null || cancellationToken.IsCancellationRequested)
            {
                break;
            }

            attempt.Context.Log.Progress(new RunProgress { Phase = $"{plan.Origin.FullName}: making the snapshot" });
            var tags = LvmTags.Create(attempt.Context.Policy, attempt.Context.RunId);
            error = await attempt.RunAsync(
                "lvcreate",
                plan.IsThin
                    ? LvmCommands.ThinSnapshot(plan.Origin.Group, plan.Origin.Name, plan.Name, tags)
                    : LvmCommands.ClassicSnapshot(
                        plan.Origin.Group, plan.Origin.Name, plan.Name, attempt.Context.Action.LvmSnapshot.ClassicSizeBytes, tags),
                cancellationToken);
        }

        // What lvcreate says is one thing, what is there another.
        var (stock, lookError) = await attempt.LookAsync(CancellationToken.None);
        return Result(attempt.Context, plans, stock, error ?? lookError, cancellationToken);
    }

    private static ActionResult Result(
        ActionContext context, IReadOnlyList<LvmSnapshotPlan> plans, LvmStock stock, LvmError? error, CancellationToken cancellationToken)
    {
        var result = new ActionResult { Outcome = ActionOutcome.Succeeded, LvmSnapshot = new LvmSnapshotResult() };
        foreach (var plan in plans)
        {
            if (stock.SnapshotsOf(plan.Origin).FirstOrDefault(s => LvmTags.IsOfRun(s.Tags, context.RunId)) is { } made)
            {
                result.LvmSnapshot.Snapshots.Add(Info(made));
            }
        }

        var count = result.LvmSnapshot.Snapshots.Count;
        result.Message = $"{count} of {plans.Count} snapshot(s) made";
        if (cancellationToken.IsCancellationRequested && count < plans.Count)
        {
            (result.Outcome, result.Message) = (ActionOutcome.Cancelled, $"cancelled; {result.Message}");
        }
        else if (error is not null || count < plans.Count)
        {
            // Where the name is taken, a further attempt finds another one.
            result.Outcome = ActionOutcome.Failed;
            result.Retryable = error is null || error.Retryable || error.Kind == LvmErrorKind.Exists;
            result.Message = $"{result.Message}; {error?.Message ?? "the others were not found afterwards"}";
        }

        return result;
    }

    private static ActionResult DryRun(IReadOnlyList<LvmSnapshotPlan> plans) => new()
    {
        Outcome = ActionOutcome.Succeeded,
        Message = $"dry run: {plans.Count} snapshot(s) would be made",
        Details = { plans.Select(p => p.FullName) },
        DetailsTotal = plans.Count,
    };

    /// <summary>A snapshot as results tell of it.</summary>
    public static LvmSnapshotInfo Info(LvmVolume snapshot) => new()
    {
        Name = snapshot.FullName,
        Uuid = snapshot.Uuid,
        OriginUuid = snapshot.OriginUuid ?? "",
        CreatedAt = snapshot.Created is { } created ? Timestamp.FromDateTimeOffset(created) : null,
        SizeBytes = snapshot.SizeBytes,
    };
}
