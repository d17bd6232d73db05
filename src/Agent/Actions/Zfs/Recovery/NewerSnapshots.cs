using Fleet.Agent.Actions.Zfs.Replication;
using Fleet.Agent.Guard;
using Fleet.Agent.Zfs;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions.Zfs.Recovery;

/// <summary>
/// What would die in a rollback: snapshots and bookmarks of the dataset that are newer, and the clones of those snapshots.
/// </summary>
internal sealed record NewerSnapshots(
    string Dataset, IReadOnlyList<ZfsSnapshot> Snapshots, IReadOnlyList<ZfsBookmark> Bookmarks, IReadOnlyList<CloneFacts> Clones)
{
    private const int MaxNamed = 5;

    public static async Task<(NewerSnapshots Newer, ActionResult? Stop)> FindAsync(
        ZfsAttempt attempt, string dataset, ZfsGuid guid, CancellationToken cancellationToken)
    {
        var none = new NewerSnapshots(dataset, [], [], []);
        var side = new ReplicationSide(attempt.Query, attempt.Limit);
        var (snapshots, problem) = await side.SnapshotsAsync([dataset], cancellationToken);
        if (problem is not null || !snapshots.TryGetValue(dataset, out var all) || all.FirstOrDefault(s => s.Guid == guid) is not { } goal)
        {
            return (none, ToolOutcome.Failed(
                problem ?? $"{dataset} is gone, or no longer has the snapshot", retryable: problem is not null));
        }

        var (bookmarks, error) = await side.BookmarksAsync([dataset], cancellationToken);
        if (error is not null)
        {
            return (none, ZfsAttempt.Stopped(error, cancellationToken));
        }

        var clones = new ZfsListing<DatasetOrigin>(DatasetOrigin.Parse, c => c.Dataset);
        error = await attempt.Query.RunAsync(
            "zfs", ZfsNames.PoolOf(dataset), ZfsCommands.Origins(ZfsNames.PoolOf(dataset)), clones, clones.Errors,
            attempt.Limit(ZfsInventory.ListTimeout), cancellationToken);
        if (error is not null || !clones.IsComplete)
        {
            return (none, error is not null ? ZfsAttempt.Stopped(error, cancellationToken) : ToolOutcome.Failed(
                $"a line of zfs list was not understood: {clones.Refused[0]}"));
        }

        ZfsSnapshot[] newer = [.. all.Where(s => s.CreateTransactionGroup > goal.CreateTransactionGroup)];
        List<CloneFacts> dependent = [];
        foreach (var clone in clones.Items.Where(c => newer.Any(s => s.FullName == c.Origin)))
        {
            (var facts, error) = await CloneLookup.FindOwnedAsync(attempt, clone.Dataset, cancellationToken);
            if (facts is null)
            {
                return (none, ZfsAttempt.Stopped(error!, cancellationToken));
            }

            // Before anything goes: one that cannot, because there is something in it, must not cost the others.
            if (await DestroyAsync(attempt, facts, dryRun: true, cancellationToken) is { } kept)
            {
                return (none, ZfsAttempt.Stopped(kept, cancellationToken));
            }

            dependent.Add(facts);
        }

        return (new NewerSnapshots(dataset, newer,
            [.. bookmarks[dataset].Where(b => b.CreateTransactionGroup > goal.CreateTransactionGroup)], dependent), null);
    }

    /// <summary>Why the guard's rule forbids it: null, it does not. What dies in a rollback is always the newest there is.</summary>
    public ActionResult? Refusal(ActionContext context, ZfsRollbackAction action)
    {
        var rule = context.Guard.Storage.Nearest(Dataset)!;
        if (Snapshots.Count == 0)
        {
            return null;
        }

        if (rule.KeepNewest > 0)
        {
            return Refuse(rule, $"{Snapshots.Count} snapshot(s) are newer than {action.Snapshot.Name} and would be destroyed, but the "
                + $"rule keeps the newest {rule.KeepNewest}: only keep_newest: 0 allows that");
        }

        if (context.Guard.Storage.Refusal("rollback", Clones.Select(c => c.Name)) is { } refused)
        {
            return ToolOutcome.Refused(refused);
        }

        var now = context.Time.GetUtcNow();
        if (Snapshots.FirstOrDefault(s => now - s.Creation < rule.YoungestAge) is { } young)
        {
            return Refuse(rule, $"{young.FullName} is younger than the rule allows to be destroyed");
        }

        // What was written to a clone may be younger than the snapshot that it was made of: its own rule says how old it must be.
        foreach (var clone in Clones)
        {
            var own = context.Guard.Storage.Nearest(clone.Name)!;
            if (now - DateTimeOffset.FromUnixTimeSeconds(clone.CreatedSeconds) < own.YoungestAge)
            {
                return Refuse(own, $"{clone.Name} is younger than the rule allows to be destroyed");
            }
        }

        return null;
    }

    /// <summary>Null if everything that would be destroyed is named, is Fleet's, and is needed by nobody.</summary>
    public ActionResult? Problem(ZfsRollbackAction action)
    {
        if (Clones.FirstOrDefault(c => c.RunId is null) is { } clone)
        {
            return ToolOutcome.Failed($"{clone.Name} is a clone of {clone.Origin}, which is newer, and was not made by Fleet: destroy it "
                + $"by hand if it is no longer needed");
        }

        var named = action.Destroy.Select(d => (d.Name, d.Guid)).ToHashSet();
        string[] unnamed =
        [
            .. Snapshots.Where(s => !named.Contains((s.FullName, s.Guid.Value))).Select(s => s.FullName),
            .. Bookmarks.Where(b => !named.Contains((b.FullName, b.Guid.Value))).Select(b => $"{b.FullName}={b.Guid}"),
            .. Clones.Where(c => !named.Contains((c.Name, c.Guid.Value))).Select(c => $"{c.Name}={c.Guid}"),
        ];
        if (unnamed.Length > 0)
        {
            return ToolOutcome.Failed($"{unnamed.Length} newer snapshot(s), bookmark(s) or clone(s) would be destroyed and are not named: "
                + $"{string.Join(", ", unnamed.Take(MaxNamed))}");
        }

        return Snapshots.FirstOrDefault(s => s.RunId is null) is { } foreign
            ? ToolOutcome.Failed($"{foreign.FullName} is newer and was not made by Fleet: destroy it by hand if it is no longer needed")
            : Snapshots.FirstOrDefault(s => s.Holds > 0) is { } held
                ? ToolOutcome.Failed($"{held.FullName} is newer and held: release it first if it is no longer needed")
            : null;
    }

    /// <summary>Destroys one, if its name still stands for it, it still is Fleet's, and there is nothing in it but itself.</summary>
    public static async Task<ZfsError?> DestroyAsync(ZfsAttempt attempt, CloneFacts clone, CancellationToken cancellationToken)
    {
        var (facts, error) = await CloneLookup.FindOwnedAsync(attempt, clone.Name, cancellationToken);
        return error
            ?? (facts != clone
                ? new ZfsError(ZfsErrorKind.Busy, $"{clone.Name} is no longer the clone with guid {clone.Guid}", [])
                : await DestroyAsync(attempt, clone, dryRun: false, cancellationToken));
    }

    /// <summary>Destroys one, if its name still stands for it and it still is Fleet's and unheld.</summary>
    public async Task<ZfsError?> DestroyAsync(ZfsAttempt attempt, ZfsSnapshot snapshot, CancellationToken cancellationToken)
    {
        var (found, stop) = await SnapshotRefs.FindAsync(
            attempt, [new ZfsSnapshotRef { Name = snapshot.FullName, Guid = snapshot.Guid.Value }], cancellationToken);
        if (stop is not null || found[snapshot.FullName] is { RunId: null } or { Holds: > 0 })
        {
            return new ZfsError(ZfsErrorKind.Busy, stop?.Message ?? $"{snapshot.FullName} is held, or no longer Fleet's", []);
        }

        return await attempt.Query.DoAsync(
            "zfs", ZfsNames.PoolOf(Dataset), ZfsCommands.Destroy(Dataset, [snapshot.Name]), attempt.Limit(ZfsInventory.ListTimeout),
            cancellationToken);
    }

    private static Task<ZfsError?> DestroyAsync(ZfsAttempt attempt, CloneFacts clone, bool dryRun, CancellationToken cancellationToken) =>
        attempt.Query.DoAsync(
            "zfs", ZfsNames.PoolOf(clone.Name), RecoveryCommands.DestroyClone(clone.Name, dryRun), attempt.Limit(ZfsInventory.ListTimeout),
            cancellationToken);

    private static ActionResult Refuse(StorageRule rule, string message) =>
        ToolOutcome.Refused(new GuardDecision { Allowed = false, Rule = rule.Text, Message = message });
}
