using Fleet.Protocol.V1;

namespace Fleet.Cli.Actions;

/// <summary><c>zfs_clone</c>: makes a clone of a snapshot.</summary>
internal sealed class ZfsCloneText() : ActionText<ZfsCloneAction>(ActionCase.ZfsClone, static action => action.ZfsClone)
{
    protected override string Words(ZfsCloneAction clone) =>
        $"clone of {clone.Snapshot?.Name}: {clone.Target}";
}
