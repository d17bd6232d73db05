using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Actions;

/// <summary>Protects single snapshots of volumes, or releases them.</summary>
internal sealed class LvmProtectRules() : ActionRules<LvmProtectAction>(ActionCase.LvmProtect, static action => action.LvmProtect)
{
    protected override void Validate(LvmProtectAction protect, string path, ActionFindings findings)
    {
        findings.RefuseCount(protect.Snapshots.Count, $"{path}.snapshots");
        for (var i = 0; i < protect.Snapshots.Count; i++)
        {
            var field = $"{path}.snapshots[{i}]";
            findings.CheckVolumeSnapshot(protect.Snapshots[i].Name, protect.Snapshots[i].Uuid, $"{field}.name", $"{field}.uuid");
        }
    }
}
