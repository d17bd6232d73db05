using System.Collections.Concurrent;
using Fleet.Agent.Zfs;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions.Zfs.Recovery;

/// <summary>
/// The action "zfs.clone": makes a dataset out of a snapshot and touches nothing that is there. A second attempt finds the first one's.
/// </summary>
internal sealed class ZfsCloneRun : IAction
{
    private readonly ConcurrentDictionary<string, byte> _hung = new();

    public Protocol.V1.Action.KindOneofCase Kind => Protocol.V1.Action.KindOneofCase.ZfsClone;

    public async Task<ActionResult> RunAsync(ActionContext context, CancellationToken cancellationToken)
    {
        var action = context.Action.ZfsClone;
        if (SnapshotRefs.Problem(action.Snapshot) is { } problem)
        {
            return ToolOutcome.Failed(problem);
        }

        var dataset = SnapshotRefs.DatasetOf(action.Snapshot);
        if (!ZfsNames.IsDataset(action.Target) || ZfsNames.PoolOf(action.Target) != ZfsNames.PoolOf(dataset))
        {
            return ToolOutcome.Failed("the target must be the name of a dataset in the snapshot's pool");
        }

        if (context.Guard.Storage.Refusal("clone", [dataset, action.Target]) is { } refused)
        {
            return ToolOutcome.Refused(refused);
        }

        var attempt = new ZfsAttempt(context, _hung);
        var (_, stop) = await SnapshotRefs.FindAsync(attempt, [action.Snapshot], cancellationToken);
        if (stop is not null)
        {
            return stop;
        }

        var (existing, error) = await CloneLookup.FindAsync(attempt, action.Target, cancellationToken);
        if (error is not null and not { Kind: ZfsErrorKind.DoesNotExist })
        {
            return ZfsAttempt.Stopped(error, cancellationToken);
        }

        if (existing is not null && (existing.RunId != context.RunId || existing.Origin != action.Snapshot.Name))
        {
            return ToolOutcome.Failed($"{action.Target} already exists: choose another name");
        }

        if (action.DryRun)
        {
            return new ActionResult
            {
                Outcome = ActionOutcome.Succeeded,
                Message = $"dry run: {action.Target} would be created from {action.Snapshot.Name}"
            };
        }

        if (existing is null)
        {
            error = await attempt.Query.DoAsync(
                "zfs",
                ZfsNames.PoolOf(dataset),
                RecoveryCommands.Clone(action.Snapshot.Name, action.Target, context.RunId, action.ReadOnly, action.NoMount),
                attempt.Limit(ZfsInventory.ListTimeout),
                cancellationToken);
            if (error is not null)
            {
                return ZfsAttempt.Stopped(error, cancellationToken);
            }

            (existing, error) = await CloneLookup.FindAsync(attempt, action.Target, cancellationToken);
        }

        return existing is null
            ? ZfsAttempt.Stopped(error!, cancellationToken)
            : new ActionResult
            {
                Outcome = ActionOutcome.Succeeded,
                Message = $"{action.Target} was created from {action.Snapshot.Name}. It keeps that snapshot from being destroyed for as "
                    + $"long as it exists",
                ZfsClone = new ZfsCloneResult { Dataset = action.Target, Guid = existing.Guid.Value },
            };
    }
}
