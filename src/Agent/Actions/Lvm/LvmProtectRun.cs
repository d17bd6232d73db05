using System.Collections.Concurrent;
using Fleet.Agent.Logging;
using Fleet.Agent.Lvm;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions.Lvm;

/// <summary>
/// The action "lvm.protect": gives snapshots the tag <see cref="LvmTags.Protected"/>, or takes it off. Either all that are named are there,
/// by name and uuid, or nothing is changed. Repeating it changes nothing.
/// </summary>
internal sealed class LvmProtectRun : IAction
{
    private const int MaxSnapshots = 100;
    private readonly ConcurrentDictionary<string, byte> _hung = new();

    public Protocol.V1.Action.KindOneofCase Kind => Protocol.V1.Action.KindOneofCase.LvmProtect;

    public async Task<ActionResult> RunAsync(ActionContext context, CancellationToken cancellationToken)
    {
        var action = context.Action.LvmProtect;
        if (action.Snapshots.Count is 0 or > MaxSnapshots)
        {
            return ToolOutcome.Failed("1 to 100 snapshots must be named");
        }

        if (action.Snapshots.FirstOrDefault(s => !LvmNames.IsVolumePath(s.Name) || !LvmNames.IsUuid(s.Uuid)) is { } wrong)
        {
            return ToolOutcome.Failed(
                $"{LogText.Escape(wrong.Name)} with the uuid {LogText.Escape(wrong.Uuid)} is not the name and UUID of a snapshot");
        }

        var attempt = new LvmAttempt(context, _hung);
        context.Log.Progress(new RunProgress { Phase = "looking at the volumes" });
        var (stock, error) = await attempt.LookAsync(cancellationToken);
        if (error is not null)
        {
            return LvmAttempt.Stopped(error, cancellationToken);
        }

        var stop = action.Snapshots.Select(s => Stop(context, s, stock)).FirstOrDefault(s => s is not null);
        return stop ?? (action.DryRun ? DryRun(action, stock) : await SetAsync(attempt, stock, cancellationToken));
    }

    /// <summary>Null if nothing is against it.</summary>
    private static ActionResult? Stop(ActionContext context, LvmSnapshotRef wanted, LvmStock stock)
    {
        if (stock.Find(wanted.Name) is not { } snapshot)
        {
            return ToolOutcome.Failed($"there is no volume {wanted.Name}");
        }

        // One that lost its origin to a merge is no longer a snapshot to LVM: it stands for itself, and its tag can still be taken off.
        var origin = stock.Volumes.FirstOrDefault(snapshot.IsSnapshotOf);
        return snapshot.Uuid != wanted.Uuid ? ToolOutcome.Failed(snapshot.NotTheOneAskedFor)
            : !LvmTags.IsFleets(snapshot.Tags)
                ? ToolOutcome.Failed($"{snapshot.FullName} does not carry Fleet's tags: only snapshots that Fleet made are protected")
            : context.Guard.Storage.Refusal("hold", origin?.FullName ?? snapshot.FullName) is { } refusal ? ToolOutcome.Refused(refusal)
            : origin is null && !context.Action.LvmProtect.Release
                ? ToolOutcome.Failed($"{snapshot.FullName} is not a snapshot of any volume")
            : snapshot.Merging ? ToolOutcome.Failed($"{snapshot.FullName} is being merged into its origin, or waits to be: no tag stops it")
            : null;
    }

    private static ActionResult DryRun(LvmProtectAction action, LvmStock stock)
    {
        var result = new ActionResult
        {
            Outcome = ActionOutcome.Succeeded,
            Message = $"dry run: {action.Snapshots.Count(s => !IsDone(action, s, stock))} of {action.Snapshots.Count} snapshot(s) would "
                + $"be {Verb(action)}",
            Details =
            {
                action.Snapshots.Select(s => !IsDone(action, s, stock) ? $"{s.Name} would be {Verb(action)}"
                    : action.Release ? $"{s.Name} is not protected"
                    : $"{s.Name} is already protected"),
            },
        };
        result.DetailsTotal = result.Details.Count;
        return result;
    }

    private static async Task<ActionResult> SetAsync(LvmAttempt attempt, LvmStock stock, CancellationToken cancellationToken)
    {
        var action = attempt.Context.Action.LvmProtect;
        Dictionary<string, LvmError> errors = [];
        foreach (var snapshot in action.Snapshots.Where(s => !IsDone(action, s, stock)))
        {
            if (cancellationToken.IsCancellationRequested)
            {
                break;
            }

            var parts = snapshot.Name.Split('/');
            var arguments = LvmCommands.SetTag(parts[0], parts[1], snapshot.Uuid, LvmTags.Protected, remove: action.Release);
            if (await attempt.RunAsync("lvchange", arguments, cancellationToken) is { } error)
            {
                errors[snapshot.Name] = error;
            }
        }

        // lvchange succeeds, too, when nothing matches name and UUID any longer.
        var (now, unknown) = await attempt.LastTools.LookAsync(CancellationToken.None);
        if (unknown is not null)
        {
            return ToolOutcome.Failed($"whether the snapshots are {Verb(action)} is not known: {unknown.Message}", unknown.Retryable);
        }

        var result = new ActionResult { Outcome = ActionOutcome.Succeeded, LvmProtect = new LvmProtectResult() };
        foreach (var snapshot in action.Snapshots)
        {
            if (IsDone(action, snapshot, now))
            {
                result.LvmProtect.Snapshots.Add(snapshot.Name);
                continue;
            }

            var error = errors.GetValueOrDefault(snapshot.Name);
            ToolOutcome.AddDetail(result, $"{snapshot.Name}: {error?.Message ?? "it was not changed: its name or UUID has changed since"}");
            (result.Outcome, result.Retryable) = (ActionOutcome.Failed, result.Retryable || error is { Retryable: true });
        }

        result.Message = $"{result.LvmProtect.Snapshots.Count} of {action.Snapshots.Count} snapshot(s) are {Verb(action)}";
        if (result.Outcome == ActionOutcome.Failed && cancellationToken.IsCancellationRequested)
        {
            (result.Outcome, result.Retryable) = (ActionOutcome.Cancelled, false);
        }

        return result;
    }

    /// <summary>The snapshot, and no other of its name, is as it was asked to be.</summary>
    private static bool IsDone(LvmProtectAction action, LvmSnapshotRef wanted, LvmStock stock) =>
        stock.Find(wanted.Name) is { } found && found.Uuid == wanted.Uuid && LvmTags.IsProtected(found.Tags) != action.Release;

    private static string Verb(LvmProtectAction action) => action.Release ? "unprotected" : "protected";
}
