using Fleet.Protocol.V1;

namespace Fleet.Cli.Actions;

/// <summary>Protection of single snapshots of volumes.</summary>
internal sealed class LvmProtectText() : ActionText<LvmProtectAction>(ActionCase.LvmProtect, static action => action.LvmProtect)
{
    protected override string Words(LvmProtectAction protect) =>
        $"{(protect.Release ? "releases" : "protects")} {string.Join(", ", protect.Snapshots.Select(static s => s.Name))}";
}
