using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Actions;

/// <summary>Makes snapshots of volumes.</summary>
internal sealed class LvmSnapshotRules() : ActionRules<LvmSnapshotAction>(ActionCase.LvmSnapshot, static action => action.LvmSnapshot)
{
    protected override void Validate(LvmSnapshotAction snapshot, string path, ActionFindings findings)
    {
        findings.CheckVolumes(snapshot.Volumes, path);
        findings.RefuseNegative(snapshot.ClassicSizeBytes, $"{path}.classic_size_bytes");
        findings.RefuseNegative(snapshot.MinGroupFreeBytes, $"{path}.min_group_free_bytes");
        findings.CheckHook(snapshot.Before, $"{path}.before");
        findings.CheckHook(snapshot.After, $"{path}.after");
        foreach (var (name, percent) in new[]
            {
                ("max_data_percent", snapshot.MaxDataPercent),
                ("max_metadata_percent", snapshot.MaxMetadataPercent),
            })
        {
            if (percent is < 0 or > 100)
            {
                findings.Refuse($"{path}.{name}", "must be 1 to 100");
            }
        }

        if (snapshot.DryRun)
        {
            findings.Warn("the action is a dry run: it changes nothing, and so protects nothing");
        }
    }

    public override void AddEventAttributes(ActionResult result, bool isDryRun, EventAttributes attributes)
    {
        if (result.LvmSnapshot is { } volumes)
        {
            attributes.Add("snapshots", volumes.Snapshots.Count);
        }
    }
}
