namespace Fleet.Actions;

/// <summary>Actions on trees of files.</summary>
internal static class FileActions
{
    public static readonly ActionKind Rsync = new ActionKind<RsyncAction>(ActionCase.Rsync, "rsync", static action => action.Rsync)
    {
        Named = static rsync => rsync.Destination?.Path.ToStringUtf8() ?? "",
        DryRun = (static rsync => rsync.DryRun, static rsync => rsync.DryRun = true),
        Confirmation = static (rsync, confirmation) => rsync.Confirmation = confirmation,
    };

    public static readonly ActionKind Restore = new ActionKind<RestoreFilesAction>(
        ActionCase.RestoreFiles, "restore_files", static action => action.RestoreFiles)
    {
        Named = static restore =>
            $"{restore.Zfs?.Name ?? restore.Lvm?.Name ?? restore.Tree.ToStringUtf8()} -> {restore.Destination.ToStringUtf8()}",
        DryRun = (static restore => restore.DryRun, static restore => restore.DryRun = true),
        NotInPoliciesBecause = Reasons.SingleSnapshots,
        ChangesStorage = true,
    };
}
