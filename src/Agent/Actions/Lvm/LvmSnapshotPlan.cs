using Fleet.Agent.Lvm;

namespace Fleet.Agent.Actions.Lvm;

/// <summary>One snapshot of a run.</summary>
/// <param name="Name">Without the group.</param>
/// <param name="Made">What an earlier attempt of the same run made. Null if there is nothing yet.</param>
internal sealed record LvmSnapshotPlan(LvmVolume Origin, string Name, LvmVolume? Made)
{
    public string FullName => $"{Origin.Group}/{Name}";

    /// <summary>It goes into the pool of its origin; otherwise it is a classic one.</summary>
    public bool IsThin => Origin.Kind == LvmVolumeKind.Thin;

    /// <summary>Pure. In the order of the names.</summary>
    /// <param name="problem">Why there is no plan, one line, safe to show.</param>
    public static IReadOnlyList<LvmSnapshotPlan> Create(ActionContext context, LvmStock stock, out string problem)
    {
        problem = "";
        List<LvmSnapshotPlan> plans = [];
        foreach (var name in context.Action.LvmSnapshot.Volumes)
        {
            if (LvmVolumeList.Origin(stock, name, out problem) is not { } origin)
            {
                return [];
            }

            var made = stock.SnapshotsOf(origin).FirstOrDefault(s => LvmTags.IsOfRun(s.Tags, context.RunId));
            var plan = new LvmSnapshotPlan(origin, made?.Name ?? FreeName(context, stock, origin), made);
            problem = Problem(plan, stock);
            if (problem.Length > 0)
            {
                return [];
            }

            plans.Add(plan);
        }

        return plans;
    }

    private static string FreeName(ActionContext context, LvmStock stock, LvmVolume origin)
    {
        var name = $"{origin.Name}.{SnapshotName.Create(context.Policy, context.ScheduledAt)}";

        // Another run of this policy that was asked for in the same second.
        return stock.Find($"{origin.Group}/{name}") is null
            ? name
            : $"{origin.Name}.{SnapshotName.Create(context.Policy, context.ScheduledAt, context.RunId)}";
    }

    private static string Problem(LvmSnapshotPlan plan, LvmStock stock) =>
        plan.Made is not null ? ""
        : !LvmNames.IsVolume(plan.Name) ? $"LVM does not accept the name {plan.Name}: use a policy with another name"
        : !LvmNames.Fits(plan.Origin.Group, plan.Name) ? $"{plan.FullName} is too long for LVM: shorten the policy's name"
        : stock.Find(plan.FullName) is not null ? $"{plan.FullName} already exists, and this run did not make it"
        : plan.Origin.Merging || stock.SnapshotsOf(plan.Origin).Any(s => s.Merging)
            ? $"a snapshot is being merged into {plan.Origin.FullName}, or waits to be: until then no new one can be made"
        : "";
}
