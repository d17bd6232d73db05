using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Actions;

/// <summary>Removes snapshots of volumes that the retention does not keep.</summary>
internal sealed class LvmPruneRules() : ActionRules<LvmPruneAction>(ActionCase.LvmPrune, static action => action.LvmPrune)
{
    protected override void Validate(LvmPruneAction prune, string path, ActionFindings findings)
    {
        findings.CheckVolumes(prune.Volumes, path);
        findings.CheckPruning(prune.SnapshotsOf, prune.Retention, prune.Confirmation, prune.AssumedNow, prune.DryRun, path);
    }

    public override void AddEventAttributes(ActionResult result, bool isDryRun, EventAttributes attributes)
    {
        if (result.LvmPrune is { } removed)
        {
            attributes.Add("destroyed", removed.DestroyedTotal);
            attributes.AddConfirmation(removed.Confirmation);
        }
    }

    public override bool NamesAllDestroyed(ActionResult result) =>
        result.LvmPrune is { } prune ? prune.DestroyedTotal <= prune.Destroyed.Count : base.NamesAllDestroyed(result);

    protected override DoomedSnapshots? Doomed(LvmPruneAction prune) =>
        new(SnapshotKind.Lvm, Policy: prune.SnapshotsOf);
}
