using Fleet.Schedules.Retention;
using FsCheck;
using FsCheck.Fluent;
using static Fleet.Schedules.Tests.Retention.Copies;

namespace Fleet.Schedules.Tests.Retention;

public sealed class RetentionPropertyTests
{
    [Fact]
    public void Plan_DecidesAsTheRulesRead() => Check(static c => c.Plan(c.Copies).Decisions.All(d =>
        d.Verdict == RetentionVerdict.Keep == RetentionModel.Keeps(c.Policy, c.Guard, c.Copies, d.Candidate, Now)));

    [Fact]
    public void Plan_HasOneDecisionWithAReasonForEveryCopy() =>
        Check(static c =>
        {
            var decisions = c.Plan(c.Copies).Decisions;
            return decisions.Select(static d => d.Candidate).ToHashSet().SetEquals(c.Copies)
                && decisions.Length == c.Copies.Length
                && decisions.All(static d =>
                    !d.Reasons.IsEmpty
                    && d.Reasons.All(static r => r.Text.Length > 0)
                    && d.Reasons.All(r =>
                        r.Rule is RetentionRule.Unkept or RetentionRule.Superseded == (d.Verdict == RetentionVerdict.Destroy)));
        });

    [Fact]
    public void Plan_OfWhatIsLeft_DestroysNothingMore() => Check(static c =>
    {
        var left = Left(c.Plan(c.Copies));
        return Doomed(c.Plan(left)).Length == 0;
    });

    [Fact]
    public void Plan_InAnyOrder_IsTheSame() => Check(static c =>
    {
        var plan = c.Plan(c.Copies);
        var random = new Random(c.Copies.Length);
        return Enumerable.Range(0, 3).All(_ =>
        {
            RetentionCandidate[] shuffled = [.. c.Copies];
            random.Shuffle(shuffled);
            return c.Plan(shuffled).Decisions.Select(Said).SequenceEqual(plan.Decisions.Select(Said));
        });
    });

    /// <summary>For every older copy, and with that for one in the same period.</summary>
    [Fact]
    public void Plan_WithANewerCopy_SavesNoOlderOne() =>
        Check(static c =>
        {
            var before = Doomed(c.Plan(c.Copies)).ToHashSet();
            var after = Doomed(c.Plan([.. c.Copies, c.Extra])).ToHashSet();
            return c
                .Copies.Where(copy => copy.CreatedAt < c.Extra.CreatedAt)
                .All(copy => !before.Contains(copy.Identity) || after.Contains(copy.Identity));
        });

    [Fact]
    public void Plan_NeverGoesBelowTheFloors() =>
        Check(static c =>
        {
            static bool IsGood(RetentionCandidate copy) => copy is { IsComplete: true, IsProtected: false, IsHeld: false };
            var newest = c
                .Copies.Where(IsGood)
                .OrderByDescending(static copy => copy.CreatedAt)
                .Take(Math.Max(c.Policy.Floor, c.Guard.Floor))
                .ToList();
            var left = Left(c.Plan(c.Copies)).Where(IsGood).OrderByDescending(static copy => copy.CreatedAt).Take(newest.Count);
            return left.Select(static copy => copy.CreatedAt).SequenceEqual(newest.Select(static copy => copy.CreatedAt))
                && (!c.Copies.Any(static copy => copy.IsComplete) || Left(c.Plan(c.Copies)).Any(static copy => copy.IsComplete));
        });

    [Fact]
    public void Plan_NeverDestroysWhatIsProtectedHeldOrABase() =>
        Check(static c =>
            Left(c.Plan(c.Copies))
                .ToHashSet()
                .IsSupersetOf(c.Copies.Where(static copy => copy.IsProtected || copy.IsHeld || copy.IsReplicationBase || copy.IsCloned)));

    /// <summary>An incomplete copy may go because of a protected good one, so only the complete ones are compared.</summary>
    [Fact]
    public void Plan_NeverCountsWhatIsProtectedOrHeld() =>
        Check(static c =>
        {
            var kept = c.Copies.Where(static copy => copy.IsProtected || copy.IsHeld).ToHashSet();
            return Complete(Doomed(c.Plan(c.Copies)), c)
                .SequenceEqual(Complete(Doomed(c.Plan(c.Copies.Where(copy => !kept.Contains(copy)))), c));
        });

    [Fact]
    public void Plan_NeverCountsWhatIsDatedInTheFuture() =>
        Check(static c =>
        {
            var future = c
                .Copies.Take(5)
                .Select(static (copy, i) => copy with { Identity = $"future {i}", CreatedAt = Now.AddSeconds(1 + (i * 60)) });
            return Doomed(c.Plan([.. c.Copies, .. future])).SequenceEqual(Doomed(c.Plan(c.Copies)));
        });

    [Fact]
    public void Plan_BehindTheNewestCopy_DestroysNothing() => Check(static c =>
    {
        var plan = c.Plan([.. c.Copies, c.Extra with { CreatedAt = Now.AddMinutes(6), IsProtected = false }]);
        return plan.State == RetentionPlanState.Refused && Doomed(plan).Length == 0 && plan.ToDestroy(plan.Fingerprint).IsEmpty;
    });

    [Fact]
    public void Plan_MoreThanTheBudget_Asks() => Check(static c =>
    {
        var plan = Copies.Plan(c.Policy with { Budget = new RetentionBudget() }, c.Copies, c.Guard);
        var free = c.Copies.Count(static copy => !copy.IsProtected && !copy.IsHeld);
        var asks = Doomed(plan).Length * 2 > free;
        return plan.State == (asks ? RetentionPlanState.Asks : RetentionPlanState.Ready)
            && plan.ToDestroy().Length == (asks ? 0 : Doomed(plan).Length)
            && plan.ToDestroy(plan.Fingerprint).Length == Doomed(plan).Length;
    });

    [Fact]
    public void Combine_DestroysWhatEveryOwnerDestroys()
    {
        var draws =
            from first in RetentionGen.Cases
            from second in RetentionGen.Policies
            from owners in Gen.Choose(0, 2).ArrayOf(60)
            select (first, second, owners);
        Check(draws, static draw =>
        {
            // Who owns a copy: 0 the first, 1 the second, 2 both.
            var (first, second, owners) = draw;
            var one = first.Plan(first.Copies.Where((_, i) => owners[i % 60] != 1));
            var other = Copies.Plan(second, first.Copies.Where((_, i) => owners[i % 60] != 0), first.Guard);
            var both = RetentionPlanner.Combine(one, other);
            var left = Left(both).ToHashSet();
            return Left(both).Concat(both.ToDestroy()).ToHashSet().SetEquals(first.Copies)
                && left.IsSupersetOf(Left(one)) && left.IsSupersetOf(Left(other))
                && left.IsSubsetOf([.. Left(one), .. Left(other)])
                && RetentionPlanner
                    .Combine(
                        first.Plan(one.Decisions.Select(static d => d.Candidate).Where(left.Contains)),
                        Copies.Plan(second, other.Decisions.Select(static d => d.Candidate).Where(left.Contains), first.Guard))
                    .ToDestroy()
                    .IsEmpty;
        });
    }

    /// <summary>The draws above are worth something only if they destroy and keep.</summary>
    [Fact]
    public void Draws_DestroyAndKeep()
    {
        var plans = RetentionGen
            .Cases.Sample(200, 60)
            .Select(static c => c.Plan(c.Copies))
            .Where(static p => !p.Decisions.IsEmpty)
            .ToList();

        Assert.True(plans.Count(static p => Doomed(p).Length > 3 && Kept(p).Length > 3) > 40);
        foreach (var rule in Enum.GetValues<RetentionRule>().Except([RetentionRule.Future, RetentionRule.Clock, RetentionRule.NoRules]))
        {
            Assert.Contains(plans, p => p.Decisions.Any(d => d.Reasons.Any(r => r.Rule == rule)));
        }
    }

    private static void Check(Func<RetentionGen.Case, bool> holds) => Check(RetentionGen.Cases, holds);

    private static void Check<T>(Gen<T> draws, Func<T, bool> holds) =>
        Prop.ForAll(Arb.From(draws), holds).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    private static IEnumerable<RetentionCandidate> Left(RetentionPlan plan) =>
        plan.Decisions.Where(static d => d.Verdict == RetentionVerdict.Keep).Select(static d => d.Candidate);

    private static IEnumerable<string> Complete(IEnumerable<string> identities, RetentionGen.Case c) =>
        identities.Where(c.Copies.Where(static copy => copy.IsComplete).Select(static copy => copy.Identity).ToHashSet().Contains);

    private static string Said(RetentionDecision decision) =>
        $"{decision.Candidate.Identity} {decision.Verdict} {string.Join(", ", decision.Reasons.Select(static r => r.Text))}";
}
