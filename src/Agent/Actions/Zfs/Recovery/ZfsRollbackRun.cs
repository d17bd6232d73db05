using System.Collections.Concurrent;
using Fleet.Agent.Actions.Zfs.Replication;
using Fleet.Agent.Zfs;
using Fleet.Protocol.V1;
using Fleet.Yaml;

namespace Fleet.Agent.Actions.Zfs.Recovery;

/// <summary>
/// The action "zfs.rollback". What is newer than the snapshot dies in a rollback, so each of it must be named, and is destroyed by name and
/// guid first; the rollback itself then takes nothing along, and fails if something new has come since.
/// </summary>
internal sealed class ZfsRollbackRun : IAction
{
    private const int MaxDestroy = 1_000;
    private const int MaxDetails = 100;
    private static readonly TimeSpan RollbackTimeout = TimeSpan.FromMinutes(30);
    private readonly ConcurrentDictionary<string, byte> _hung = new();

    public Protocol.V1.Action.KindOneofCase Kind => Protocol.V1.Action.KindOneofCase.ZfsRollback;

    public async Task<ActionResult> RunAsync(ActionContext context, CancellationToken cancellationToken)
    {
        var action = context.Action.ZfsRollback;
        var problem = SnapshotRefs.Problem(action.Snapshot)
            ?? action.Destroy.Select(SnapshotRefs.DoomedProblem).FirstOrDefault(p => p is not null)
            ?? (action.Destroy.Count > MaxDestroy ? "more than 1,000 are named to be destroyed" : null);
        if (problem is not null)
        {
            return ToolOutcome.Failed(problem);
        }

        var dataset = SnapshotRefs.DatasetOf(action.Snapshot);
        if (context.Guard.Storage.Refusal("rollback", dataset) is { } refused)
        {
            return ToolOutcome.Refused(refused);
        }

        var attempt = new ZfsAttempt(context, _hung);
        var (_, stop) = await SnapshotRefs.FindAsync(attempt, [action.Snapshot], cancellationToken);
        if (stop is not null)
        {
            return stop;
        }

        (var newer, stop) = await NewerSnapshots.FindAsync(attempt, dataset, new ZfsGuid(action.Snapshot.Guid), cancellationToken);
        stop ??= newer.Refusal(context, action) ?? newer.Problem(action);
        if (stop is not null)
        {
            return stop;
        }

        var lost = await LostAsync(attempt, dataset, action.Snapshot.Name[(dataset.Length + 1)..], cancellationToken);
        return action.DryRun ? DryRun(action, newer, lost) : await CarryOutAsync(attempt, dataset, newer, lost, cancellationToken);
    }

    private static async Task<ActionResult> CarryOutAsync(
        ZfsAttempt attempt, string dataset, NewerSnapshots newer, long? lost, CancellationToken cancellationToken)
    {
        var action = attempt.Context.Action.ZfsRollback;
        var result = new ZfsRollbackResult { Dataset = dataset, LostBytes = lost ?? 0 };
        var side = new ReplicationSide(attempt.Query, attempt.Limit);
        ZfsError? error = null;
        foreach (var clone in newer.Clones)
        {
            attempt.Context.Log.Say($"destroying {clone.Name}, a clone of {clone.Origin}, which is newer");
            error = await NewerSnapshots.DestroyAsync(attempt, clone, cancellationToken);
            if (error is not null)
            {
                break;
            }

            result.DestroyedClones.Add(clone.Name);
        }

        foreach (var snapshot in error is not null ? [] : newer.Snapshots.Reverse())
        {
            attempt.Context.Log.Say($"destroying {snapshot.FullName}, which is newer");
            error = await newer.DestroyAsync(attempt, snapshot, cancellationToken);
            if (error is not null)
            {
                break;
            }

            result.Destroyed.Add(ZfsSnapshotRun.Info(snapshot));
        }

        foreach (var bookmark in error is null ? newer.Bookmarks : [])
        {
            error ??= await side.DoAsync(dataset, ReplicationCommands.DestroyBookmark(bookmark), cancellationToken);
        }

        if (error is null)
        {
            error = await attempt.Query.DoAsync(
                "zfs", ZfsNames.PoolOf(dataset), RecoveryCommands.Rollback(action.Snapshot.Name), attempt.Limit(RollbackTimeout),
                cancellationToken);
        }

        var ended = error is null
            ? new ActionResult
            {
                Outcome = ActionOutcome.Succeeded,
                Message = $"{dataset} is as {action.Snapshot.Name}; {Destroyed(result)}"
            }
            : ZfsAttempt.Stopped(error, cancellationToken);
        if (error is not null && result.Destroyed.Count + result.DestroyedClones.Count > 0)
        {
            ended.Message += $"; {Destroyed(result)} before, and {dataset} was not rolled back";
        }

        ended.ZfsRollback = result;
        return ended;
    }

    private static string Destroyed(ZfsRollbackResult result) =>
        $"{result.Destroyed.Count} newer "
            + $"snapshot(s){(result.DestroyedClones.Count > 0 ? $" and {result.DestroyedClones.Count} clone(s)" : "")} were destroyed";

    private static ActionResult DryRun(ZfsRollbackAction action, NewerSnapshots newer, long? lost)
    {
        var result = new ActionResult
        {
            Outcome = ActionOutcome.Succeeded,
            Message =
                $"dry run: would roll back to {action.Snapshot.Name}; {newer.Snapshots.Count} newer snapshot(s), {newer.Bookmarks.Count} "
                    + $"bookmark(s) and {newer.Clones.Count} clone(s) would be destroyed, "
                        + $"{(lost is { } bytes ? SizeText.Approximate(bytes) : "an unknown amount")} written since would be lost",
            ZfsRollback = new ZfsRollbackResult { Dataset = SnapshotRefs.DatasetOf(action.Snapshot), LostBytes = lost ?? 0 },
        };
        string[] doomed = [
            .. newer.Clones.Select(c => c.Name), .. newer.Snapshots.Select(s => s.FullName), .. newer.Bookmarks.Select(b => b.FullName)];
        result.Details.AddRange(doomed.Take(MaxDetails).Select(d => $"would be destroyed: {d}"));
        result.DetailsTotal = doomed.Length;
        return result;
    }

    /// <summary>Null if zfs does not say.</summary>
    private static async Task<long?> LostAsync(ZfsAttempt attempt, string dataset, string snapshot, CancellationToken cancellationToken)
    {
        var list = new ZfsListing<ZfsWritten>(
            l => ZfsWritten.Parse(l, snapshot) is { } w && w.Dataset == dataset ? w : null, w => w.Dataset);
        var error = await attempt.Query.RunAsync(
            "zfs", ZfsNames.PoolOf(dataset), ZfsCommands.WrittenSince(snapshot, [dataset]), list, list.Errors,
            attempt.Limit(ZfsInventory.ListTimeout), cancellationToken);
        return error is null ? list.Items.FirstOrDefault()?.Bytes : null;
    }
}
