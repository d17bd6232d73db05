using Fleet.Protocol.V1;

namespace Fleet.Cli.Actions;

/// <summary>What a run that prunes says about its plan, whatever it prunes.</summary>
/// <param name="Decisions">As many as the result carries.</param>
/// <param name="Confirmation">Empty if nothing asks.</param>
internal sealed record ExplainedPlan(IReadOnlyList<RetentionDecision> Decisions, long PlannedTotal, string Confirmation)
{
    /// <summary>Null if the run prunes nothing.</summary>
    public static ExplainedPlan? Of(ActionResult result) =>
        result.ZfsPrune is { } zfs ? new(zfs.Decisions, zfs.PlannedTotal, zfs.Confirmation)
        : result.LvmPrune is { } lvm ? new(lvm.Decisions, lvm.PlannedTotal, lvm.Confirmation)
        : null;
}
