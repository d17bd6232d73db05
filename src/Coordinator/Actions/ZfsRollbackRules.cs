using System.Globalization;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Actions;

/// <summary>Rolls a dataset back to a snapshot.</summary>
internal sealed class ZfsRollbackRules() : ActionRules<ZfsRollbackAction>(ActionCase.ZfsRollback, static action => action.ZfsRollback)
{
    protected override void Validate(ZfsRollbackAction rollback, string path, ActionFindings findings)
    {
        findings.CheckSnapshot(rollback.Snapshot, $"{path}.snapshot");
        if (rollback.Destroy.Count > 1_000)
        {
            findings.Refuse($"{path}.destroy", "more than 1,000");
        }

        for (var i = 0; i < rollback.Destroy.Count; i++)
        {
            findings.CheckDoomed(rollback.Destroy[i], $"{path}.destroy[{i}]");
        }
    }

    public override void AddEventAttributes(ActionResult result, bool isDryRun, EventAttributes attributes)
    {
        if (result.ZfsRollback is { } rollback)
        {
            attributes.Add("dataset", rollback.Dataset);
            attributes.Add("destroyed", rollback.Destroyed.Count);
            attributes.Add("destroyed_clones", rollback.DestroyedClones.Count);
            attributes.Add("lost_bytes", rollback.LostBytes);
        }
    }

    public override bool NamesAllDestroyed(ActionResult result) =>
        result.ZfsRollback is not null || base.NamesAllDestroyed(result);

    protected override DoomedSnapshots? Doomed(ZfsRollbackAction rollback) =>
        new(
            SnapshotKind.Zfs,
            Identities: rollback.Destroy.Select(static named => named.Guid.ToString(CultureInfo.InvariantCulture)).ToHashSet());
}
