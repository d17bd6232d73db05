using Fleet.Agent.Actions.Rsync.Ownership;
using Fleet.Agent.Files;
using Fleet.Agent.Logging;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions.Rsync;

/// <summary>
/// Copy and mirror, into the destination itself. Whose it is, and what a mirror would delete, is looked at first: where a person must
/// decide, nothing is changed. No more than was counted is ever deleted.
/// </summary>
internal sealed class DirectTransfer(ActionContext context, OtherWriters writers)
{
    private readonly AttemptTime _time = new(context);
    private readonly RsyncQuestion _question = new();
    private readonly DestinationOwner _owner = new(context);

    private RsyncAction Action => context.Action.Rsync;

    private RsyncAction Named => LocalSides.Named(Action, context.Guard);

    private bool Confined => context.Guard.Confine;

    /// <summary>Null if it is remote.</summary>
    private GuardedPath? Destination => context.Guard.Destination;

    public async Task<ActionResult> RunAsync(CancellationToken cancellationToken)
    {
        await _owner.LookAsync(cancellationToken);
        if (_owner.Foreign is { } foreign)
        {
            _question.Add($"the destination belongs to {foreign.Describe(context)}", OwnerFile.Content(foreign));
        }

        var result = Action.Mode == RsyncMode.Mirror || Action.DryRun || _question.Asks
            ? await CountAndRunAsync(cancellationToken)
            : await TransferAsync(maxDelete: 0, cancellationToken);
        if (_owner.Note is { } note)
        {
            ToolOutcome.AddDetail(result, note);
        }

        return result;
    }

    private async Task<ActionResult> CountAndRunAsync(CancellationToken cancellationToken)
    {
        context.Log.Progress(new RunProgress { Phase = "counting what would be changed" });
        var arguments = Action.DryRun
            ? RsyncCommands.Transfer(Named, maxDelete: 0, confined: Confined)
            : RsyncCommands.Count(Named, Confined);
        var (counted, output) = await RsyncTransfer.TransferAsync(
            context, arguments, dryRun: true, _time.Limit(context.Timeout), cancellationToken);
        if (!CanGoOn(counted))
        {
            counted.Message = $"nothing was changed: {counted.Message}";
            return counted;
        }

        if (Destination is { } destination
            && await writers.CheckBelowAsync(destination, output.Deletions.Marked, output.Deletions.HasMoreMarked) is { } refused)
        {
            return refused;
        }

        var plan = output.Deletions.ToPlan(output.WouldWrite);
        var aboveGuard = plan.WouldDelete > context.Guard.MaxDelete;
        if (!aboveGuard)
        {
            AskAbout(output);
            plan.Confirmation = _question.Digits(Action);
        }

        if (Action.DryRun)
        {
            counted.RsyncPlan = plan;
            counted.Message += aboveGuard
                ? $"; a run would be refused: {GuardLimit(plan)}"
                : _question.Asks
                ? $"; a run would ask first: {_question.Why}"
                : "";
            return counted;
        }

        if (aboveGuard || (_question.Asks && !_question.IsConfirmed(Action)))
        {
            return aboveGuard ? AboveGuard(plan) : Asked(plan);
        }

        // Without --checksum the dry run and the transfer look at the same things.
        return counted.Outcome == ActionOutcome.Succeeded && plan is { WouldDelete: 0, WouldWrite: 0 } && !Action.Checksum
            ? await UnchangedAsync(counted, cancellationToken)
            : await TransferAsync(plan.WouldDelete, cancellationToken);
    }

    private void AskAbout(RsyncOutput output)
    {
        var deletions = output.Deletions;
        if (deletions.Count > 0 && _owner.IsNobodys)
        {
            _question.Add(
                $"the destination holds {deletions.Count} entries that the source does not have, and no run of this policy made them",
                deletions.Fingerprint());
        }

        if (Destination is null && deletions.Marked.Count > 0)
        {
            _question.Add(
                $"trees or copies that Fleet made would be deleted with {LogText.Escape(deletions.Marked[0])}", deletions.Fingerprint());
        }

        if (DeletionLimit.Problem(Action.MaxDelete, deletions.Count, output.Stats.Statistics) is { } tooMany)
        {
            _question.Add(tooMany, deletions.Fingerprint());
        }
        else if (_question.Asks)
        {
            // What is confirmed is the whole plan.
            _question.Include(deletions.Fingerprint());
        }
    }

    private async Task<ActionResult> TransferAsync(long maxDelete, CancellationToken cancellationToken)
    {
        if (Destination is { } destination)
        {
            await context.OnDisk(destination.Make);
        }

        await _owner.ClaimAsync(cancellationToken);
        var (result, output) = await RsyncTransfer.TransferAsync(
            context, RsyncCommands.Transfer(Named, maxDelete, confined: Confined), dryRun: false, _time.Limit(context.Timeout),
            cancellationToken);
        if (output.DeletionsStopped)
        {
            result.Message = $"deletions were stopped after the {maxDelete} that were counted before: more had to be deleted by then; the "
                + $"next run counts again";
        }

        return result;
    }

    /// <summary>
    /// What could not be read is the transfer's to tell: rsync deletes nothing then. Whatever else failed would fail again.
    /// </summary>
    private static bool CanGoOn(ActionResult counted) =>
        counted.Outcome is ActionOutcome.Succeeded or ActionOutcome.SucceededWithWarnings
            || (counted.HasExitCode && counted.ExitCode == 23);

    private ActionResult AboveGuard(RsyncPlan plan) => new()
    {
        Outcome = ActionOutcome.Refused,
        RefusedBy = context.Guard.Rule,
        RefusalSource = RefusalSource.Guard,
        Message = $"nothing was changed: {GuardLimit(plan)}",
        RsyncPlan = plan,
    };

    private string GuardLimit(RsyncPlan plan) =>
        $"{plan.WouldDelete} entries would be deleted, and the host's guard file allows {context.Guard.MaxDelete} in one run, which no "
            + $"confirmation can exceed: "
        + "see whether the source really lost them, then raise max_delete there";

    private ActionResult Asked(RsyncPlan plan) => new()
    {
        Outcome = ActionOutcome.Failed,
        Message = $"nothing was changed: {_question.Why}; {_question.HowToConfirm(context)}",
        RsyncPlan = plan,
    };

    private async Task<ActionResult> UnchangedAsync(ActionResult counted, CancellationToken cancellationToken)
    {
        await _owner.ClaimAsync(cancellationToken);
        counted.Message = $"0 of {counted.Rsync.Files} entries transferred, 0 deleted: source and destination are identical";
        counted.RsyncPlan = null;
        return counted;
    }
}
