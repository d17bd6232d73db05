using System.Text.Json;
using Fleet.Agent.Actions.Rsync.Ownership;
using Fleet.Agent.Edge;
using Fleet.Agent.Files;
using Fleet.Agent.Logging;
using Fleet.Agent.Retention;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;
using Fleet.Schedules.Retention;
using Google.Protobuf;

namespace Fleet.Agent.Actions.Rsync.Versions;

/// <summary>
/// One new dated tree: into a folder with a temporary name, unchanged files hard-linked to the newest good tree, renamed once everything is
/// there and on disk. Nothing that Fleet did not make is ever removed.
/// </summary>
internal sealed class VersionedTransfer(ActionContext context, GuardedPath destination, TransferGuard transferGuard, RetentionClock clock,
    VersionFolders folders, Func<HostAssignment> assigned)
{
    private const int PartlyTransferred = 23;
    private readonly AttemptTime _time = new(context);
    private readonly List<string> _notes = [];

    private RsyncAction Action => context.Action.Rsync;

    public async Task<ActionResult> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var rules = VersionThinning.Rules(context.Policy, Action, out var problem);
            if (problem.Length > 0)
            {
                return ToolOutcome.Failed(problem);
            }

            var store = await context.OnDisk(Open);
            var adoption = new VersionAdoption(context, store is null ? [] : await context.OnDisk(store.Known), assigned());
            if (store is not null && !Action.DryRun && adoption.Wanted is { Count: > 0 } trees)
            {
                return await AdoptAsync(store, trees, cancellationToken);
            }

            var result = await RunAsync(store, rules, cancellationToken);
            foreach (var note in _notes.Concat(adoption.Notes))
            {
                ToolOutcome.AddDetail(result, note);
            }

            result.Outcome = _notes.Count > 0 && result.Outcome == ActionOutcome.Succeeded
                ? ActionOutcome.SucceededWithWarnings
                : result.Outcome;
            return result;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return ToolOutcome.Failed($"the dated trees at {LogText.Escape(destination.Path)} cannot be used: {LogText.Escape(e.Message)}");
        }
        catch (TimeoutException)
        {
            return ToolOutcome.Failed($"the disk of {LogText.Escape(destination.Path)} does not answer", retryable: true);
        }
    }

    /// <summary>What was confirmed is done with it; what else the run would ask about has digits of its own.</summary>
    private async Task<ActionResult> AdoptAsync(VersionStore store, IReadOnlyList<VersionRecord> trees, CancellationToken cancellationToken)
    {
        if (await context.OnDisk(store.Owner) is { } owner && !owner.IsOf(context))
        {
            return ToolOutcome.Failed($"nothing was changed: the folder of dated trees belongs to {owner.Describe(context)}");
        }

        await context.OnDisk(() => trees.ToList().ForEach(t => store.Adopt(t, context.Policy)));
        var action = context.Action.Clone();
        action.Rsync.Confirmation = "";
        var result = await new VersionedTransfer(context with { Action = action }, destination, transferGuard, clock, folders,
            assigned).RunAsync(cancellationToken);
        ToolOutcome.AddDetail(result, $"{trees.Count} tree(s) of policy {LogText.Escape(trees[0].Policy)} now belong to this policy");
        return result;
    }

    /// <summary>Null for a dry run whose destination does not exist yet.</summary>
    private VersionStore? Open() =>
        !Action.DryRun ? VersionStore.Open(destination.Make(), destination.Path, readOnly: false)
        : destination.Opened is { IsFolder: true } folder ? VersionStore.Open(folder, destination.Path, readOnly: true)
        : null;

    private async Task<ActionResult> RunAsync(VersionStore? store, RetentionPolicy? rules, CancellationToken cancellationToken)
    {
        var known = store is null ? [] : await context.OnDisk(store.Known);
        var plan = VersionPlan.Create(context.Policy, context.ScheduledAt, context.RunId, known);
        var state = new VersionState(context, rules, [.. known.Where(v => v.Policy == context.Policy && v.Complete)], clock);
        if (store is null || Action.DryRun)
        {
            var planned = new VersionRecord
            {
                Name = plan.Name,
                Folder = plan.Name,
                Policy = context.Policy,
                RunId = context.RunId,
                HostId = context.HostId,
                Instant = context.ScheduledAt,
                Inode = 0,
                Complete = true,
            };
            return await new VersionedDryRun(context, _time).RunAsync(
                store, plan, state, state.With(planned, rules, clock), cancellationToken);
        }

        _notes.AddRange(store.Warnings);
        if (plan.AlreadyComplete)
        {
            return new ActionResult
            {
                Outcome = ActionOutcome.Succeeded,
                Message = $"{plan.Name} was already complete from an earlier attempt of this run",
                Rsync = new RsyncStatistics { VersionPath = ByteString.CopyFrom(store.PathOf(plan.Name)) },
            };
        }

        var owner = await context.OnDisk(store.Owner);
        var question = state.Question(owner);
        var isConfirmed = question.IsConfirmed(Action);
        if (question.Asks && !isConfirmed && (Action.Confirmation.Length > 0 || state.IsForeign(owner)))
        {
            return state.Asked(question, "nothing was changed");
        }

        if (owner is null || state.IsForeign(owner) || owner.HostId != context.HostId)
        {
            await context.OnDisk(() => store.Claim(context));
        }

        folders.Remember(destination.Path);
        var remover = new VersionRemover(context, store, _time, _notes);
        if (isConfirmed)
        {
            await context.OnDisk(() => state.Unconfirmed.ToList().ForEach(store.Accept));
        }

        // Before the look at the free space: on a full disk this is what makes room.
        await remover.RemoveAsync(state.MayThin(question, isConfirmed) ? [.. plan.RemoveBefore,
            .. state.Thinning!.Doomed] : plan.RemoveBefore, cancellationToken);
        var noRoom = await transferGuard.CheckSpaceAsync(destination, cancellationToken);
        var result = noRoom?.Stop ?? await TransferAsync(store, plan, remover, rules, cancellationToken);
        if (remover.Removed.Count > 0)
        {
            // Whatever came of the rest: they are gone.
            result.Rsync ??= new RsyncStatistics();
            result.Rsync.RemovedVersionPaths.Add(remover.Removed.Select(ByteString.CopyFrom));
        }

        return result;
    }

    private async Task<ActionResult> TransferAsync(
        VersionStore store, VersionPlan plan, VersionRemover remover, RetentionPolicy? rules, CancellationToken cancellationToken)
    {
        var known = await context.OnDisk(store.Known);
        var tree = await context.OnDisk(() => store.Begin(
            plan.Name,
            VersionName.Partial(plan.Name, context.Attempt, known),
            context.Policy,
            context.RunId,
            context.HostId,
            context.ScheduledAt));
        var bases = plan.Bases.Where(b => known.Any(k => k.Folder == b.Folder)).Select(b => LocalSides.Below(context.Guard, b.Folder));
        var arguments = RsyncCommands.Transfer(
            LocalSides.Named(Action, context.Guard), maxDelete: 0, LocalSides.Below(context.Guard, tree.Folder), [.. bases],
            context.Guard.Confine);
        var (result, _) = await RsyncTransfer.TransferAsync(
            context, arguments, dryRun: false, _time.Limit(context.Timeout), cancellationToken);
        var isIncomplete = result is { Outcome: ActionOutcome.Failed, HasExitCode: true, ExitCode: PartlyTransferred };
        if (result.Outcome is not (ActionOutcome.Succeeded or ActionOutcome.SucceededWithWarnings)
            && !(isIncomplete && Action.KeepIncomplete))
        {
            result.Message += "; the new tree is not complete and serves only as a base for the next run";
            return result;
        }

        context.Log.Progress(new RunProgress { Phase = "writing to disk", Percent = 100 });
        if (await SyncAsync(store.ProcPathOf(tree.Folder), result, cancellationToken))
        {
            await FinishAsync(store, plan, tree, isIncomplete, remover, result, rules, cancellationToken);
        }

        return result;
    }

    private async Task FinishAsync(
        VersionStore store,
        VersionPlan plan,
        VersionRecord tree,
        bool isIncomplete,
        VersionRemover remover,
        ActionResult result,
        RetentionPolicy? rules,
        CancellationToken cancellationToken)
    {
        var before = (await context.OnDisk(store.Known)).Where(v => v.Policy == context.Policy && v.Complete).ToList();
        var shrinkage = isIncomplete || rules is null
            ? null
            : VersionThinning.Shrinkage(Action, result.Rsync, await WithSizeAsync(store, before, cancellationToken));
        var final = await context.OnDisk(() => store.Complete(
            tree,
            tree with
            {
                Incomplete = isIncomplete,
                Shrunken = shrinkage is not null,
                Entries = result.Rsync.Files,
                Bytes = result.Rsync.TotalBytes
            }));
        result.Rsync.VersionPath = ByteString.CopyFrom(store.PathOf(final.Folder));
        result.Message = isIncomplete
            ? $"{final.Folder} is kept, marked incomplete: {result.Message}"
            : $"{final.Folder} is complete: {result.Message}";

        context.Log.Progress(new RunProgress { Phase = "removing old trees", Percent = 100 });
        var state = new VersionState(context, rules, [.. before, final], clock);
        var question = state.Question(owner: null);
        await remover.RemoveAsync(state.MayThin(question, isConfirmed: false) ? [.. plan.RemoveAfter,
            .. state.Thinning!.Doomed] : plan.RemoveAfter, cancellationToken);
        if (state.Stopped is { } stopped)
        {
            _notes.Add(stopped);
        }

        if (question.Asks)
        {
            var asked = state.Asked(question, $"{result.Message}; {(shrinkage is null ? "" : $"{shrinkage}; ")}no older tree was removed");
            (result.Outcome, result.Message, result.RsyncPlan) = (asked.Outcome, asked.Message, asked.RsyncPlan);
        }
    }

    /// <summary>
    /// Trees of releases that did not write down what is in them are counted when a new one is compared with them: once, since the new one
    /// has it.
    /// </summary>
    private async Task<IReadOnlyList<VersionRecord>> WithSizeAsync(
        VersionStore store, IReadOnlyList<VersionRecord> trees, CancellationToken cancellationToken)
    {
        if (trees.Where(t => t.IsGood).MaxBy(t => t.Instant) is not { Entries: 0 } last
            || Action is { HasMinPercentOfLast: true, MinPercentOfLast: 0 })
        {
            return trees;
        }

        context.Log.Progress(new RunProgress { Phase = $"counting {last.Folder}", Percent = 100 });
        if (await TreeSize.CountAsync(
            context.Tools, store.ProcPathOf(last.Folder), _time.Limit(context.Timeout), cancellationToken) is { } size)
        {
            return [.. trees.Select(t => t == last ? t with { Entries = size.Entries, Bytes = size.Bytes } : t)];
        }

        _notes.Add($"the new tree was not compared with {last.Folder}, because its size is not known");
        return trees;
    }

    /// <summary>syncfs(2): the files must be on disk before a name says so.</summary>
    private async Task<bool> SyncAsync(byte[] tree, ActionResult result, CancellationToken cancellationToken)
    {
        var request = new ToolRequest
        {
            Program = "sync",
            Arguments = ["-f", "--", new ToolArgument(tree)],
            Timeout = _time.Limit(context.Timeout)
        };
        var said = new FirstError();
        var sync = await context.Tools.RunAsync(request, said, cancellationToken);
        if (!sync.Succeeded)
        {
            result.Outcome = sync.End switch
            {
                ToolEnd.Cancelled => ActionOutcome.Cancelled,
                ToolEnd.TimedOut => ActionOutcome.TimedOut,
                _ => ActionOutcome.Failed,
            };
            result.Retryable = sync.End != ToolEnd.Cancelled;
            result.Message = $"everything was transferred, but could not be synced to disk ({said.Why(sync)}): the new tree is not "
                + $"complete";
        }

        return sync.Succeeded;
    }
}
