using Fleet.Protocol.V1;

namespace Fleet.Cli.Actions;

/// <summary>Holds and releases of single snapshots.</summary>
internal sealed class ZfsHoldText() : ActionText<ZfsHoldAction>(ActionCase.ZfsHold, static action => action.ZfsHold)
{
    protected override string Words(ZfsHoldAction hold) =>
        $"{(hold.Release ? "releases" : "holds")} {string.Join(", ", hold.Snapshots.Select(static s => s.Name))}";
}
