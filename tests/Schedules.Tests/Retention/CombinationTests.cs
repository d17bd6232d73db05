using Fleet.Schedules.Retention;
using static Fleet.Schedules.Tests.Retention.Copies;

namespace Fleet.Schedules.Tests.Retention;

public sealed class CombinationTests
{
    private static readonly RetentionCandidate[] Copies4 = Series("2026-11-22T13:00Z", TimeSpan.FromHours(1), 4);

    [Fact]
    public void Combine_ACopyGoesOnlyIfEveryOwnerAgrees()
    {
        var one = Plan(Policy(new KeepRules { Last = 1 }, name: "one"), Copies4);
        var other = Plan(Policy(new KeepRules { Last = 3 }, name: "other"), Copies4);

        var both = RetentionPlanner.Combine(one, other);

        Assert.Equal(["2026-11-22T10:00Z"], Doomed(both));
        Assert.Equal(RetentionPlanState.Ready, both.State);
        Assert.Equal(["one: unkept", "other: unkept"], Who(both, "2026-11-22T10:00Z"));
        Assert.Equal(["other: last"], Who(both, "2026-11-22T11:00Z"));
        Assert.Equal(["one: newest", "one: last", "other: newest", "other: last"], Who(both, "2026-11-22T13:00Z"));
    }

    [Fact]
    public void Combine_ACopyOfOnePolicy_IsThatPolicysAlone()
    {
        var one = Plan(Policy(new KeepRules { Last = 1 }, name: "one"), Copies4[..2]);
        var other = Plan(Policy(new KeepRules(), name: "other"), Copies4[2..]);

        Assert.Equal(["2026-11-22T12:00Z"], Doomed(RetentionPlanner.Combine(one, other)));
    }

    [Fact]
    public void Combine_OneIsRefused_NothingGoes()
    {
        var one = Plan(Policy(new KeepRules { Last = 1 }, name: "one"), Copies4);
        var refused = Plan(Policy(new KeepRules { Last = 1 }, name: "other"), [Copy(Now.AddDays(1))]);

        var both = RetentionPlanner.Combine(one, refused);

        Assert.Equal(RetentionPlanState.Refused, both.State);
        Assert.Equal("clock: 2026-11-22T13:30:00Z is before the newest copy, 2026-11-23T13:30:00Z", both.Why);
        Assert.Empty(Doomed(both));
        Assert.Empty(both.ToDestroy(both.Fingerprint));
        Assert.Equal(both.Why, Assert.Single(Reasons(both, "2026-11-22T12:00Z")));
    }

    [Fact]
    public void Combine_WhatAnotherPolicyKeeps_IsNotMeasuredAgainstTheBudget()
    {
        var one = Plan(Policy(new KeepRules { Last = 1 }, name: "one") with { Budget = new RetentionBudget() }, Copies4);
        var other = Plan(Policy(new KeepRules { Last = 2 }, name: "other"), Copies4);

        Assert.Equal(RetentionPlanState.Asks, one.State);
        var both = RetentionPlanner.Combine(one, other);
        Assert.Equal(RetentionPlanState.Ready, both.State);
        Assert.Equal(2, both.ToDestroy().Length);
    }

    [Fact]
    public void Combine_TooMuchForOneBudget_Asks()
    {
        var one = Plan(Policy(new KeepRules { Last = 1 }, name: "one") with { Budget = new RetentionBudget() }, Copies4);
        var other = Plan(
            Policy(new KeepRules { Last = 1 }, name: "other") with
            {
                Budget = new RetentionBudget { MostCount = 2 },
            },
            Copies4);

        var both = RetentionPlanner.Combine(one, other);

        Assert.Equal(RetentionPlanState.Asks, both.State);
        Assert.Equal(
            "budget: one would lose 3 of 4 copies at once, more than 50 %; budget: other would lose 3 of 4 copies at once, more than 2",
            both.Why);
        Assert.Empty(both.ToDestroy());
        Assert.Equal(3, both.ToDestroy(both.Fingerprint).Length);
    }

    [Fact]
    public void Combine_CombinedPlans_KeepsTheirParts()
    {
        var plans = Enumerable.Range(1, 3).Select(static n => Plan(Policy(new KeepRules { Last = n }, name: $"p{n}"), Copies4)).ToArray();

        var nested = RetentionPlanner.Combine(RetentionPlanner.Combine(plans[0], plans[1]), plans[2]);

        Assert.Equal(
            RetentionPlanner.Combine(plans).Decisions.Select(static d => d.Verdict),
            nested.Decisions.Select(static d => d.Verdict));
        Assert.Equal(["p1: unkept", "p2: unkept", "p3: unkept"], Who(nested, "2026-11-22T10:00Z"));
    }

    [Fact]
    public void Combine_Nothing_IsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => RetentionPlanner.Combine());

    private static string[] Who(RetentionPlan plan, string identity) =>
        [.. plan.Decisions.Single(d => d.Candidate.Identity == identity).Reasons.Select(static r => $"{r.Policy}: {r.Code}")];
}
