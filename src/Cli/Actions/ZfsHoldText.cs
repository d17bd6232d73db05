using Fleet.Protocol.V1;

namespace Fleet.Cli.Actions;

/// <summary><c>zfs_hold</c>: holds single snapshots, or releases them.</summary>
internal sealed class ZfsHoldText() : ActionText<ZfsHoldAction>(ActionCase.ZfsHold, static action => action.ZfsHold)
{
    protected override string Words(ZfsHoldAction hold) =>
        $"{(hold.Release ? "releases" : "holds")} {string.Join(", ", hold.Snapshots.Select(static s => s.Name))}";
}
