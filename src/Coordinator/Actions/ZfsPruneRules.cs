using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Actions;

/// <summary>Destroys snapshots that the retention does not keep.</summary>
internal sealed class ZfsPruneRules() : ActionRules<ZfsPruneAction>(ActionCase.ZfsPrune, static action => action.ZfsPrune)
{
    protected override void Validate(ZfsPruneAction prune, string path, ActionFindings findings)
    {
        findings.CheckDatasets(prune.Datasets, prune.Excludes, path);
        findings.CheckPruning(prune.SnapshotsOf, prune.Retention, prune.Confirmation, prune.AssumedNow, prune.DryRun, path);
    }

    public override void AddEventAttributes(ActionResult result, bool isDryRun, EventAttributes attributes)
    {
        if (result.ZfsPrune is { } prune)
        {
            attributes.Add("destroyed", prune.DestroyedTotal);
            attributes.Add("reclaimed_bytes", prune.ReclaimedBytes);
            attributes.AddConfirmation(prune.Confirmation);
        }
    }

    public override bool NamesAllDestroyed(ActionResult result) =>
        result.ZfsPrune is { } prune ? prune.DestroyedTotal <= prune.Destroyed.Count : base.NamesAllDestroyed(result);

    protected override DoomedSnapshots? Doomed(ZfsPruneAction prune) =>
        new(SnapshotKind.Zfs, Policy: prune.SnapshotsOf);
}
