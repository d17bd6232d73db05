using Fleet.Schedules.Retention;
using Fleet.Schedules.Retention.Clock;
using static Fleet.Schedules.Tests.Retention.Copies;

namespace Fleet.Schedules.Tests.Retention;

public sealed class BudgetTests
{
    private static readonly RetentionCandidate[] Week = Series("2026-11-22T12:00Z", TimeSpan.FromDays(1), 7);

    [Fact]
    public void Plan_HalfOfTheCopies_IsReady()
    {
        var plan = Plan(Asking(new KeepRules { Last = 1 }), Week[..2]);

        Assert.Equal(RetentionPlanState.Ready, plan.State);
        Assert.Null(plan.Why);
        Assert.Single(plan.ToDestroy());
    }

    [Fact]
    public void Plan_ARuleCutByMistake_Asks()
    {
        var plan = Plan(Asking(new KeepRules { Daily = 1 }), Week);

        Assert.Equal(RetentionPlanState.Asks, plan.State);
        Assert.Equal("budget: hourly would lose 6 of 7 copies at once, more than 50 %", plan.Why);
        Assert.Equal(6, Doomed(plan).Length);
        Assert.Empty(plan.ToDestroy());
    }

    [Fact]
    public void ToDestroy_Confirmed_GivesWhatWasShown()
    {
        var plan = Plan(Asking(new KeepRules { Daily = 1 }), Week);

        Assert.Matches("^[0-9a-f]{16}$", plan.Fingerprint);
        Assert.Equal(6, plan.ToDestroy(plan.Fingerprint).Length);
        Assert.Empty(plan.ToDestroy(""));
    }

    [Fact]
    public void ToDestroy_ConfirmedForOtherCopies_GivesNothing()
    {
        var shown = Plan(Asking(new KeepRules { Daily = 2 }), Week);
        var now = Plan(Asking(new KeepRules { Daily = 1 }), Week);

        Assert.NotEqual(shown.Fingerprint, now.Fingerprint);
        Assert.Empty(now.ToDestroy(shown.Fingerprint));
    }

    [Fact]
    public void Fingerprint_OfTheSameCopies_IsTheSame()
    {
        // A new copy that stays does not change what would go.
        var before = Plan(Asking(new KeepRules { Last = 2 }), Week[1..]);
        var after = Plan(Asking(new KeepRules { Last = 3 }), [.. Week.Reverse()]);

        Assert.Equal(before.Fingerprint, after.Fingerprint);
    }

    [Fact]
    public void Fingerprint_KeepsIdentitiesApart()
    {
        RetentionCandidate[] one = [Week[0], Week[1] with { Identity = "ab" }, Week[2] with { Identity = "c" }];
        RetentionCandidate[] other = [Week[0], Week[1] with { Identity = "a" }, Week[2] with { Identity = "bc" }];

        Assert.NotEqual(Plan(new KeepRules { Last = 1 }, one).Fingerprint, Plan(new KeepRules { Last = 1 }, other).Fingerprint);
    }

    [Fact]
    public void Plan_MoreThanTheCount_Asks()
    {
        var copies = Series("2026-11-22T13:00Z", TimeSpan.FromMinutes(1), 4_000);

        Assert.Equal(RetentionPlanState.Ready, Plan(Asking(new KeepRules { Last = 3_000 }), copies).State);
        var plan = Plan(Asking(new KeepRules { Last = 2_999 }), copies);
        Assert.Equal("budget: hourly would lose 1001 of 4000 copies at once, more than 1000", plan.Why);
    }

    [Fact]
    public void Plan_ProtectedAndHeldCopies_DoNotMakeTheShareSmaller()
    {
        var copies = Week.Select(static (c, i) => c with { IsProtected = i is > 2 and < 5, IsHeld = i >= 5 });

        Assert.Equal(
            "budget: hourly would lose 2 of 3 copies at once, more than 50 %",
            Plan(Asking(new KeepRules { Last = 1 }), copies).Why);
    }

    [Fact]
    public void Plan_NoBudgetAtAll_AsksForASingleCopy()
    {
        var policy = Policy(new KeepRules { Last = 6 }) with { Budget = new RetentionBudget { MostPercent = 0 } };

        Assert.Equal(RetentionPlanState.Asks, Plan(policy, Week).State);
        Assert.Equal(RetentionPlanState.Ready, Plan(policy, Week[..6]).State);
    }

    [Fact]
    public void Plan_ForAnAssumedTime_IsOnlyForShow()
    {
        var plan = RetentionPlanner.Plan(
            Policy(new KeepRules { Last = 1 }), Week, ClockCheck.Assume(Now.AddYears(-3)), RetentionGuard.None);
        Assert.Equal(7, Kept(plan).Length);

        plan = RetentionPlanner.Plan(Policy(new KeepRules { Last = 1 }), Week, ClockCheck.Assume(Now), RetentionGuard.None);
        Assert.True(plan.IsForShow);
        Assert.Equal(6, Doomed(plan).Length);
        Assert.Empty(plan.ToDestroy());
        Assert.Empty(plan.ToDestroy(plan.Fingerprint));
    }

    private static RetentionPolicy Asking(KeepRules keep) => Policy(keep) with { Budget = new RetentionBudget() };
}
