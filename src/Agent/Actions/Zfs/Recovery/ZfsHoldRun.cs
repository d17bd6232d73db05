using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Fleet.Agent.Actions.Zfs.Replication;
using Fleet.Agent.Zfs;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions.Zfs.Recovery;

/// <summary>
/// The action "zfs.hold": keeps snapshots from being destroyed by anybody, or lets them go. Repeating it changes nothing.
/// </summary>
internal sealed partial class ZfsHoldRun : IAction
{
    private const string DefaultTag = "fleet:protect";
    private const int MaxSnapshots = 100;
    private readonly ConcurrentDictionary<string, byte> _hung = new();

    public Protocol.V1.Action.KindOneofCase Kind => Protocol.V1.Action.KindOneofCase.ZfsHold;

    public async Task<ActionResult> RunAsync(ActionContext context, CancellationToken cancellationToken)
    {
        var action = context.Action.ZfsHold;
        var tag = action.Tag.Length == 0 ? DefaultTag : action.Tag;
        if (action.Snapshots.Count is 0 or > MaxSnapshots)
        {
            return ToolOutcome.Failed("1 to 100 snapshots must be named");
        }

        if (action.Snapshots.Select(s => SnapshotRefs.Problem(s)).FirstOrDefault(p => p is not null) is { } problem)
        {
            return ToolOutcome.Failed(problem);
        }

        // The holds of replications have a second colon: no operator may release them.
        if (!TagPattern().IsMatch(tag))
        {
            return ToolOutcome.Failed("the tag must be \"fleet:\" and up to 32 of a-z, 0-9, '-': the holds of others are not Fleet's");
        }

        if (context.Guard.Storage.Refusal("hold", action.Snapshots.Select(SnapshotRefs.DatasetOf)) is { } refused)
        {
            return ToolOutcome.Refused(refused);
        }

        var attempt = new ZfsAttempt(context, _hung);
        var (_, stop) = await SnapshotRefs.FindAsync(attempt, action.Snapshots, cancellationToken);
        var verb = action.Release ? "released" : "held";
        if (stop is not null || action.DryRun)
        {
            return stop
                ?? new ActionResult
                {
                    Outcome = ActionOutcome.Succeeded,
                    Message = $"dry run: {action.Snapshots.Count} snapshot(s) would be {verb} ({tag})"
                };
        }

        var result = new ActionResult { Outcome = ActionOutcome.Succeeded, ZfsHold = new ZfsHoldResult() };
        foreach (var snapshot in action.Snapshots)
        {
            var arguments = action.Release
                ? ReplicationCommands.Release(tag, [snapshot.Name])
                : ReplicationCommands.Hold(tag, snapshot.Name);
            var error = await attempt.Query.DoAsync(
                "zfs", ZfsNames.PoolOf(snapshot.Name), arguments, attempt.Limit(ZfsInventory.ListTimeout), cancellationToken);
            if (error is null or { Kind: ZfsErrorKind.HoldMismatch })
            {
                result.ZfsHold.Snapshots.Add(snapshot.Name);
                continue;
            }

            result.Details.Add($"{snapshot.Name}: {error.Message}");
            (result.Outcome, result.Retryable) = (ActionOutcome.Failed, error.Retryable);
        }

        result.DetailsTotal = result.Details.Count;
        result.Message = $"{result.ZfsHold.Snapshots.Count} of {action.Snapshots.Count} snapshot(s) are {verb} ({tag})";
        return result;
    }

    [GeneratedRegex("^fleet:[a-z0-9-]{1,32}\\z")]
    private static partial Regex TagPattern();
}
