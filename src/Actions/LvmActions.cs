namespace Fleet.Actions;

/// <summary>Actions on thin volumes of LVM and their snapshots.</summary>
internal static class LvmActions
{
    public static readonly ActionKind Snapshot = new ActionKind<LvmSnapshotAction>(ActionCase.LvmSnapshot, "lvm_snapshot", static action =>
        action.LvmSnapshot)
    {
        Named = static snapshot => string.Join(',', snapshot.Volumes),
        DryRun = (static snapshot => snapshot.DryRun, static snapshot => snapshot.DryRun = true),
        ChangesStorage = true,
    };

    public static readonly ActionKind Prune = new ActionKind<LvmPruneAction>(ActionCase.LvmPrune, "lvm_prune", static action =>
        action.LvmPrune)
    {
        Named = static _ => "",
        DryRun = (static prune => prune.DryRun, static prune => prune.DryRun = true),
        Confirmation = static (prune, confirmation) => prune.Confirmation = confirmation,
        AssumedNow = static (prune, now) => prune.AssumedNow = now,
        NotAdHocBecause = Reasons.OnlyPoliciesPrune,
        ChangesStorage = true,
    };

    public static readonly ActionKind Restore = new ActionKind<LvmRestoreAction>(ActionCase.LvmRestore, "lvm_restore", static action =>
        action.LvmRestore)
    {
        Named = static restore => restore.Snapshot,
        DryRun = (static restore => restore.DryRun, static restore => restore.DryRun = true),
        NotInPoliciesBecause = Reasons.SingleSnapshots,
        ChangesStorage = true,
    };

    public static readonly ActionKind Protect = new ActionKind<LvmProtectAction>(ActionCase.LvmProtect, "lvm_protect", static action =>
        action.LvmProtect)
    {
        Named = static protect =>
            $"{string.Join(',', protect.Snapshots.Select(static snapshot => snapshot.Name))}{(protect.Release ? " release" : "")}",
        DryRun = (static protect => protect.DryRun, static protect => protect.DryRun = true),
        NotInPoliciesBecause = Reasons.SingleSnapshots,
        ChangesStorage = true,
    };
}
