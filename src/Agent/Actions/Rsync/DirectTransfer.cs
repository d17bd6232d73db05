using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions.Rsync;

/// <summary>
/// Copy and mirror, into the destination itself. What a mirror would delete is counted first: above a limit nothing is changed, and a person
/// is asked. No more than was counted is ever deleted.
/// </summary>
internal sealed class DirectTransfer(ActionContext context)
{
    private readonly AttemptTime _time = new(context);
    private readonly RsyncQuestion _question = new();

    private RsyncAction Action => context.Action.Rsync;

    private RsyncAction Named => LocalSides.Named(Action, context.Guard);

    private bool Confined => context.Guard.Confine;

    public async Task<ActionResult> RunAsync(CancellationToken cancellationToken)
    {
        if (Action.Mode != RsyncMode.Mirror)
        {
            return await TransferAsync(maxDelete: 0, cancellationToken);
        }

        context.Log.Progress(new RunProgress { Phase = "counting what would be deleted" });
        var arguments = Action.DryRun ? RsyncCommands.Transfer(Named, maxDelete: 0, confined: Confined) : RsyncCommands.Count(Named, Confined);
        var (counted, output) = await RsyncTransfer.TransferAsync(context, arguments, dryRun: true, _time.Limit(context.Timeout), cancellationToken);
        if (!CanGoOn(counted))
        {
            counted.Message = $"nothing was changed: {counted.Message}";
            return counted;
        }

        var plan = output.Deletions.ToPlan(output.WouldWrite);
        var aboveGuard = plan.WouldDelete > context.Guard.MaxDelete;
        if (!aboveGuard)
        {
            Ask(plan.WouldDelete, output);
            plan.Confirmation = _question.Digits(Action);
        }

        if (Action.DryRun)
        {
            counted.RsyncPlan = plan;
            counted.Message += aboveGuard ? $"; a run would be refused: {GuardLimit(plan)}" : _question.Asks ? $"; a run would ask first: {_question.Why}" : "";
            return counted;
        }

        if (aboveGuard)
        {
            return AboveGuard(plan);
        }

        if (_question.Asks && !_question.IsConfirmed(Action))
        {
            return Asked(plan);
        }

        // Without --checksum the dry run and the transfer look at the same things.
        return counted.Outcome == ActionOutcome.Succeeded && plan is { WouldDelete: 0, WouldWrite: 0 } && !Action.Checksum
            ? Unchanged(counted)
            : await TransferAsync(plan.WouldDelete, cancellationToken);
    }

    private void Ask(long deletions, RsyncOutput output)
    {
        if (DeletionLimit.Problem(Action.MaxDelete, deletions, output.Stats.Statistics) is { } tooMany)
        {
            _question.Add(tooMany, output.Deletions.Fingerprint());
        }
    }

    private async Task<ActionResult> TransferAsync(long maxDelete, CancellationToken cancellationToken)
    {
        if (!Action.DryRun && context.Guard.Destination is { } destination)
        {
            await Task.Run(destination.Make, cancellationToken);
        }

        var (result, output) = await RsyncTransfer.TransferAsync(
            context, RsyncCommands.Transfer(Named, maxDelete, confined: Confined), Action.DryRun, _time.Limit(context.Timeout), cancellationToken);
        if (Action.DryRun)
        {
            result.RsyncPlan = output.Deletions.ToPlan(output.WouldWrite);
        }

        if (output.DeletionsStopped)
        {
            result.Message = $"deletions were stopped after the {maxDelete} that were counted before: since then more had to be deleted; the next run counts anew";
        }

        return result;
    }

    /// <summary>What could not be read is the transfer's to tell: rsync deletes nothing then. Whatever else failed would fail again.</summary>
    private static bool CanGoOn(ActionResult counted) =>
        counted.Outcome is ActionOutcome.Succeeded or ActionOutcome.SucceededWithWarnings || (counted.HasExitCode && counted.ExitCode == 23);

    private ActionResult AboveGuard(RsyncPlan plan) => new()
    {
        Outcome = ActionOutcome.Refused,
        RefusedBy = context.Guard.Rule,
        RefusalSource = RefusalSource.Guard,
        Message = $"nothing was changed: {GuardLimit(plan)}",
        RsyncPlan = plan,
    };

    private string GuardLimit(RsyncPlan plan) =>
        $"{plan.WouldDelete} entries would be deleted, and the host's guard file allows {context.Guard.MaxDelete} in one run, which no confirmation exceeds: "
        + "see whether the source really lost them, then raise max_delete there";

    private ActionResult Asked(RsyncPlan plan) => new()
    {
        Outcome = ActionOutcome.Failed,
        Message = $"nothing was changed: {_question.Why}; {_question.HowToConfirm(context)}",
        RsyncPlan = plan,
    };

    private static ActionResult Unchanged(ActionResult counted)
    {
        counted.Message = $"0 of {counted.Rsync.Files} entries transferred, 0 deleted: source and destination are equal";
        counted.RsyncPlan = null;
        return counted;
    }
}
