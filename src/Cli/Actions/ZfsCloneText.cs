using Fleet.Protocol.V1;

namespace Fleet.Cli.Actions;

/// <summary>Clones of snapshots.</summary>
internal sealed class ZfsCloneText() : ActionText<ZfsCloneAction>(ActionCase.ZfsClone, static action => action.ZfsClone)
{
    protected override string Words(ZfsCloneAction clone) =>
        $"clone of {clone.Snapshot?.Name}: {clone.Target}";
}
