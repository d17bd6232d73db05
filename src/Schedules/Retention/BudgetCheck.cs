using System.Collections.Immutable;

namespace Fleet.Schedules.Retention;

/// <summary>Compares what a plan would destroy with a policy's budget.</summary>
internal static class BudgetCheck
{
    /// <returns>Why it must be confirmed, one line; null if it need not be.</returns>
    public static string? Ask(RetentionPolicy policy, ImmutableArray<RetentionDecision> decisions)
    {
        long doomed = 0;
        long free = 0;
        foreach (var decision in decisions)
        {
            doomed += decision.Verdict == RetentionVerdict.Destroy ? 1 : 0;
            free += decision.Candidate is { IsProtected: false, IsHeld: false } ? 1 : 0;
        }

        var budget = policy.Budget;
        if (doomed <= budget.MostCount && doomed * 100 <= free * budget.MostPercent)
        {
            return null;
        }

        var limit = doomed > budget.MostCount ? Text($"{budget.MostCount}") : Text($"{budget.MostPercent} %");
        return Text($"budget: {policy.Name} would lose {doomed} of {free} copies at once, more than {limit}");
    }

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
