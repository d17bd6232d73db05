using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Actions;

/// <summary>Makes a writable dataset from a snapshot.</summary>
internal sealed class ZfsCloneRules() : ActionRules<ZfsCloneAction>(ActionCase.ZfsClone, static action => action.ZfsClone)
{
    protected override void Validate(ZfsCloneAction clone, string path, ActionFindings findings)
    {
        findings.CheckSnapshot(clone.Snapshot, $"{path}.snapshot");
        findings.CheckDataset(clone.Target, $"{path}.target");
    }

    public override void AddEventAttributes(ActionResult result, bool isDryRun, EventAttributes attributes)
    {
        if (result.ZfsClone is { } clone)
        {
            attributes.Add("clone", clone.Dataset);
        }
    }
}
