using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Actions;

/// <summary>Makes snapshots of datasets.</summary>
internal sealed class ZfsSnapshotRules() : ActionRules<ZfsSnapshotAction>(ActionCase.ZfsSnapshot, static action => action.ZfsSnapshot)
{
    protected override void Validate(ZfsSnapshotAction snapshot, string path, ActionFindings findings)
    {
        findings.CheckDatasets(snapshot.Datasets, snapshot.Excludes, path);
        findings.CheckHook(snapshot.Before, $"{path}.before");
        findings.CheckHook(snapshot.After, $"{path}.after");
        if (snapshot.Note.Length > 0)
        {
            findings.Refuse($"{path}.note", "only a run without a policy has one, and takes it from the request's note");
        }

        if (snapshot.DryRun)
        {
            findings.Warn("the action is a dry run: it changes nothing, and so protects nothing");
        }
    }

    public override void AddEventAttributes(ActionResult result, bool isDryRun, EventAttributes attributes)
    {
        if (result.ZfsSnapshot is { } snapshot)
        {
            attributes.Add("snapshots", snapshot.SnapshotsTotal);
            attributes.Add("unchanged_pools", snapshot.UnchangedPools.Count);
        }
    }
}
