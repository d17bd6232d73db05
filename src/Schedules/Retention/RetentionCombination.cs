using System.Collections.Immutable;

namespace Fleet.Schedules.Retention;

/// <summary>Several policies on one list of copies: see <see cref="RetentionPlanner.Combine"/>.</summary>
internal static class RetentionCombination
{
    public static RetentionPlan Of(IReadOnlyList<RetentionPlan> plans)
    {
        ArgumentOutOfRangeException.ThrowIfZero(plans.Count, nameof(plans));
        ImmutableArray<RetentionPlan> parts = [.. plans.SelectMany(static p => p.Parts)];
        var isForShow = parts.Any(static p => p.IsForShow);
        var agreed = Agree(parts);
        var ordered = NewestFirst.Order(agreed.Values.Select(static d => d.Candidate)).Select(c => agreed[c.Identity]);
        if (parts.FirstOrDefault(static p => p.State == RetentionPlanState.Refused) is { } refused)
        {
            return new(RetentionPlanState.Refused, refused.Why, isForShow, [.. ordered.Select(d => Stay(d, refused))], null, parts);
        }

        // A copy that another policy keeps is no loss, so the budgets are measured again.
        var asks = parts
            .Select(p => BudgetCheck.Ask(p.Policy!, [.. p.Decisions.Select(d => agreed[d.Candidate.Identity])]))
            .OfType<string>();
        var why = string.Join("; ", asks);
        return new(
            why.Length == 0 ? RetentionPlanState.Ready : RetentionPlanState.Asks,
            why.Length == 0 ? null : why,
            isForShow,
            [.. ordered],
            null,
            parts);
    }

    /// <summary>By identity. Who keeps a copy gives the reasons; where nobody does, everybody.</summary>
    private static Dictionary<string, RetentionDecision> Agree(ImmutableArray<RetentionPlan> parts)
    {
        var agreed = new Dictionary<string, RetentionDecision>(StringComparer.Ordinal);
        foreach (var decision in parts.SelectMany(static p => p.Decisions))
        {
            var identity = decision.Candidate.Identity;
            agreed[identity] = agreed.TryGetValue(identity, out var other) ? Agree(other, decision) : decision;
        }

        return agreed;
    }

    private static RetentionDecision Agree(RetentionDecision one, RetentionDecision other)
    {
        if (one.Verdict == other.Verdict)
        {
            return one with { Reasons = [.. one.Reasons, .. other.Reasons] };
        }

        return one.Verdict == RetentionVerdict.Keep ? one : other;
    }

    /// <summary>The clock is the host's and not one policy's: what one policy's copies say about it holds for all.</summary>
    private static RetentionDecision Stay(RetentionDecision decision, RetentionPlan refused) =>
        decision.Verdict == RetentionVerdict.Keep
            ? decision
            : new(decision.Candidate, RetentionVerdict.Keep, [new(refused.Policy!.Name, RetentionRule.Clock, refused.Why)]);
}
