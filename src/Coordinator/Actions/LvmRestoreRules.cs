using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Actions;

/// <summary>Merges a snapshot into its volume.</summary>
internal sealed class LvmRestoreRules() : ActionRules<LvmRestoreAction>(ActionCase.LvmRestore, static action => action.LvmRestore)
{
    protected override void Validate(LvmRestoreAction restore, string path, ActionFindings findings)
    {
        findings.CheckVolumeSnapshot(restore.Snapshot, restore.Uuid, $"{path}.snapshot", $"{path}.uuid", isDryRun: restore.DryRun);
        findings.RefuseNegative(restore.SafetySizeBytes, $"{path}.safety_size_bytes");
    }

    public override void AddEventAttributes(ActionResult result, bool isDryRun, EventAttributes attributes)
    {
        if (result.LvmRestore is { } merge)
        {
            attributes.Add("source", merge.Snapshot?.Name ?? "");
            attributes.Add("volume", merge.Volume);
            attributes.Add("safety", merge.Safety?.Name ?? "");
            attributes.Add("pending", merge.Pending ? "true" : "false");
        }
    }

    protected override DoomedSnapshots? Doomed(LvmRestoreAction restore) =>
        new(SnapshotKind.Lvm, Identities: new HashSet<string> { restore.Uuid });
}
