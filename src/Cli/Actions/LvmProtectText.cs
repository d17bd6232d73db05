using Fleet.Protocol.V1;

namespace Fleet.Cli.Actions;

/// <summary><c>lvm_protect</c>: protects single snapshots of volumes, or releases them.</summary>
internal sealed class LvmProtectText() : ActionText<LvmProtectAction>(ActionCase.LvmProtect, static action => action.LvmProtect)
{
    protected override string Words(LvmProtectAction protect) =>
        $"{(protect.Release ? "releases" : "protects")} {string.Join(", ", protect.Snapshots.Select(static s => s.Name))}";
}
