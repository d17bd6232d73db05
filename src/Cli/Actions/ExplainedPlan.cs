using Fleet.Protocol.V1;

namespace Fleet.Cli.Actions;

/// <summary>The plan of a run that prunes, whatever it prunes.</summary>
/// <param name="Decisions">Only as many as the result carries.</param>
/// <param name="Confirmation">Empty if no confirmation is needed.</param>
internal sealed record ExplainedPlan(IReadOnlyList<RetentionDecision> Decisions, long PlannedTotal, string Confirmation)
{
    /// <summary>Null if the run does not prune.</summary>
    public static ExplainedPlan? Of(ActionResult result) =>
        result.ZfsPrune is { } zfs ? new(zfs.Decisions, zfs.PlannedTotal, zfs.Confirmation)
        : result.LvmPrune is { } lvm ? new(lvm.Decisions, lvm.PlannedTotal, lvm.Confirmation)
        : null;
}
