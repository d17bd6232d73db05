using System.Collections.Immutable;
using System.Globalization;
using Fleet.Schedules.Retention.Clock;

namespace Fleet.Schedules.Retention;

/// <summary>
/// Decides which copies stay: pure, the same for ZFS snapshots, LVM snapshots and dated trees, and the same whatever the order of the list.
/// Planning what a carried-out plan has left destroys nothing more.
/// </summary>
public static class RetentionPlanner
{
    /// <summary>
    /// Plans the copies that one policy owns on one dataset, volume or tree. Copies that it does not own are not in the list. Where several
    /// policies own the same copies, <see cref="Combine"/> their plans.
    /// </summary>
    /// <param name="policy">What the policy wants.</param>
    /// <param name="candidates">The copies, in any order.</param>
    /// <param name="clock">What the clock guard found in this pass.</param>
    /// <param name="guard">What the host demands on top.</param>
    /// <exception cref="ArgumentException">Two candidates have one identity: it would not be clear what is destroyed.</exception>
    public static RetentionPlan Plan(
        RetentionPolicy policy, IEnumerable<RetentionCandidate> candidates, ClockCheck clock, RetentionGuard guard)
    {
        var ordered = NewestFirst.Order(candidates);
        if ((clock.Refusal ?? BehindNewest(ordered, clock)) is { } found)
        {
            var refusal = $"clock: {found}";
            return All(policy, ordered, clock, new(policy.Name, RetentionRule.Clock, refusal), refusal);
        }

        if (policy.Keep.IsEmpty)
        {
            return All(policy, ordered, clock, new(policy.Name, RetentionRule.NoRules), null);
        }

        var pass = new RetentionPass(policy, guard, clock.Now, ordered);
        var decisions = ImmutableArray.CreateBuilder<RetentionDecision>(ordered.Length);
        foreach (var candidate in ordered)
        {
            decisions.Add(pass.Decide(candidate));
        }

        var decided = decisions.MoveToImmutable();
        var ask = BudgetCheck.Ask(policy, decided);
        return new(ask is null ? RetentionPlanState.Ready : RetentionPlanState.Asks, ask, clock.IsAssumed, decided, policy);
    }

    /// <summary>
    /// One plan out of the plans of several policies on the same dataset, volume or tree: a copy goes only when every policy whose plan
    /// knows it lets it go. If one of the plans is refused, all are; what each policy would then still lose is measured against its own
    /// budget.
    /// </summary>
    public static RetentionPlan Combine(params IReadOnlyList<RetentionPlan> plans) => RetentionCombination.Of(plans);

    private static string? BehindNewest(RetentionCandidate[] ordered, ClockCheck clock)
    {
        // A person who protects a copy from the future has seen it: it must not stop pruning until its time comes.
        var newest = ordered.FirstOrDefault(static c => !c.IsProtected);
        return !clock.IsAssumed && newest is not null && newest.CreatedAt - clock.Now > clock.Behind
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{clock.Now.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ} is before the newest copy, "
                + $"{newest.CreatedAt.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}")
            : null;
    }

    private static RetentionPlan All(
        RetentionPolicy policy, RetentionCandidate[] ordered, ClockCheck clock, RetentionReason reason, string? refusal)
    {
        ImmutableArray<RetentionReason> reasons = [reason];
        return new(
            refusal is null ? RetentionPlanState.Ready : RetentionPlanState.Refused,
            refusal,
            clock.IsAssumed,
            [.. ordered.Select(c => new RetentionDecision(c, RetentionVerdict.Keep, reasons))],
            policy);
    }
}
