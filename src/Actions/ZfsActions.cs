namespace Fleet.Actions;

/// <summary>Actions on pools, datasets and snapshots of ZFS.</summary>
internal static class ZfsActions
{
    public static readonly ActionKind Snapshot = new ActionKind<ZfsSnapshotAction>(ActionCase.ZfsSnapshot, "zfs_snapshot", static action =>
        action.ZfsSnapshot)
    {
        Named = static snapshot => string.Join(',', snapshot.Datasets),
        DryRun = (static snapshot => snapshot.DryRun, static snapshot => snapshot.DryRun = true),
        ChangesStorage = true,
    };

    public static readonly ActionKind Prune = new ActionKind<ZfsPruneAction>(ActionCase.ZfsPrune, "zfs_prune", static action =>
        action.ZfsPrune)
    {
        Named = static _ => "",
        DryRun = (static prune => prune.DryRun, static prune => prune.DryRun = true),
        Confirmation = static (prune, confirmation) => prune.Confirmation = confirmation,
        AssumedNow = static (prune, now) => prune.AssumedNow = now,
        NotAdHocBecause = Reasons.OnlyPoliciesPrune,
        ChangesStorage = true,
    };

    public static readonly ActionKind Replicate = new ActionKind<ZfsReplicateAction>(
        ActionCase.ZfsReplicate, "zfs_replicate", static action => action.ZfsReplicate)
    {
        Named = static _ => "",
        DryRun = (static replicate => replicate.DryRun, static replicate => replicate.DryRun = true),
        ChangedHolds = static replicate => [replicate.Source, replicate.Target],
        NotAdHocBecause = "only policies replicate: what is held for the next increment is known by the policy's name",
        ChangesStorage = true,
    };

    public static readonly ActionKind Scrub = new ActionKind<ZfsScrubAction>(ActionCase.ZfsScrub, "zfs_scrub", static action =>
        action.ZfsScrub)
    {
        Named = static scrub => string.Join(',', scrub.Pools),
        DryRun = (static scrub => scrub.DryRun, static scrub => scrub.DryRun = true),
        ChangesStorage = true,
    };

    public static readonly ActionKind Hold = new ActionKind<ZfsHoldAction>(ActionCase.ZfsHold, "zfs_hold", static action => action.ZfsHold)
    {
        Named = static hold =>
            $"{string.Join(',', hold.Snapshots.Select(static snapshot => snapshot.Name))}{(hold.Release ? " release" : "")}",
        DryRun = (static hold => hold.DryRun, static hold => hold.DryRun = true),
        ChangedHolds = static hold => hold.Snapshots.Select(static snapshot => snapshot.Name.Split('@')[0]).Distinct(),
        NotInPoliciesBecause = Reasons.SingleSnapshots,
        ChangesStorage = true,
    };

    public static readonly ActionKind Rollback = new ActionKind<ZfsRollbackAction>(ActionCase.ZfsRollback, "zfs_rollback", static action =>
        action.ZfsRollback)
    {
        Named = static rollback => rollback.Snapshot?.Name ?? "",
        DryRun = (static rollback => rollback.DryRun, static rollback => rollback.DryRun = true),
        NotInPoliciesBecause = Reasons.SingleSnapshots,
        ChangesStorage = true,
    };

    public static readonly ActionKind Clone = new ActionKind<ZfsCloneAction>(ActionCase.ZfsClone, "zfs_clone", static action =>
        action.ZfsClone)
    {
        Named = static clone => $"{clone.Snapshot?.Name} to {clone.Target}",
        DryRun = (static clone => clone.DryRun, static clone => clone.DryRun = true),
        NotInPoliciesBecause = Reasons.SingleSnapshots,
        ChangesStorage = true,
    };
}
