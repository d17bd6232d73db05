using Fleet.Schedules.Retention;
using static Fleet.Schedules.Tests.Retention.Copies;

namespace Fleet.Schedules.Tests.Retention;

public sealed class KeepRulesTests
{
    [Fact]
    public void Last_KeepsTheNewest() =>
        Assert.Equal(
            ["2026-11-22T13:00Z", "2026-11-22T12:00Z"],
            Kept(Plan(new KeepRules { Last = 2 }, Series("2026-11-22T13:00Z", TimeSpan.FromHours(1), 9))));

    [Fact]
    public void Hourly_KeepsTheNewestOfEachHour() =>
        Assert.Equal(
            ["2026-11-22T13:20Z", "2026-11-22T12:50Z", "2026-11-22T11:50Z"],
            Kept(Plan(new KeepRules { Hourly = 3 }, Series("2026-11-22T13:20Z", TimeSpan.FromMinutes(30), 12))));

    [Fact]
    public void Daily_KeepsTheNewestOfEachDay() =>
        Assert.Equal(
            ["2026-11-22T13:00Z", "2026-11-21T19:00Z", "2026-11-20T19:00Z"],
            Kept(Plan(new KeepRules { Daily = 3 }, Series("2026-11-22T13:00Z", TimeSpan.FromHours(6), 40))));

    [Fact]
    public void Weekly_BeginsOnMonday() =>
        Assert.Equal(
            ["2026-11-22T12:00Z", "2026-11-15T12:00Z"],
            Kept(Plan(new KeepRules { Weekly = 2 }, Series("2026-11-22T12:00Z", TimeSpan.FromDays(1), 30))));

    [Fact]
    public void Monthly_KeepsTheNewestOfEachMonth() =>
        Assert.Equal(
            ["2026-11-22T12:00Z", "2026-10-31T12:00Z", "2026-09-30T12:00Z"],
            Kept(Plan(new KeepRules { Monthly = 3 }, Series("2026-11-22T12:00Z", TimeSpan.FromDays(1), 200))));

    [Fact]
    public void Yearly_KeepsTheNewestOfEachYear() =>
        Assert.Equal(
            ["2026-11-22T12:00Z", "2025-12-31T12:00Z"],
            Kept(Plan(new KeepRules { Yearly = 2 }, Series("2026-11-22T12:00Z", TimeSpan.FromDays(1), 1_000))));

    [Fact]
    public void Counts_EmptyPeriodsCostNothing() =>
        Assert.Equal(
            ["2026-11-22T10:00Z", "2026-03-01T10:00Z", "2019-07-04T10:00Z"],
            Kept(
                Plan(
                    new KeepRules { Daily = 3 },
                    Copy("2018-01-01T10:00Z"),
                    Copy("2019-07-04T10:00Z"),
                    Copy("2026-03-01T10:00Z"),
                    Copy("2026-11-22T10:00Z"),
                    Copy("2019-07-04T09:00Z"))));

    [Fact]
    public void Within_CountsFromTheNewestCopyAndNotFromTheClock() =>
        Assert.Equal(
            ["2024-05-10T12:00Z", "2024-05-09T12:00Z", "2024-05-08T12:00Z"],
            Kept(Plan(new KeepRules { Within = TimeSpan.FromDays(2) }, Series("2024-05-10T12:00Z", TimeSpan.FromDays(1), 9))));

    [Fact]
    public void Rules_AreOred()
    {
        var plan = Plan(new KeepRules { Last = 2, Daily = 2 }, Series("2026-11-22T13:00Z", TimeSpan.FromHours(1), 30));

        Assert.Equal(["2026-11-22T13:00Z", "2026-11-22T12:00Z", "2026-11-21T23:00Z"], Kept(plan));
        Assert.Equal(["newest: the newest good one", "last 1 of 2", "daily 1 of 2: 2026-11-22"], Reasons(plan, "2026-11-22T13:00Z"));
        Assert.Equal(["unkept: no rule keeps it"], Reasons(plan, "2026-11-22T11:00Z"));
    }

    [Fact]
    public void Rules_None_DestroyNothing()
    {
        var plan = Plan(new KeepRules(), Series("2026-11-22T13:00Z", TimeSpan.FromHours(1), 30));

        Assert.Equal(30, Kept(plan).Length);
        Assert.Equal(RetentionPlanState.Ready, plan.State);
        Assert.Equal(["no-rules: without a rule nothing is destroyed"], Reasons(plan, "2026-11-22T13:00Z"));
    }

    [Fact]
    public void Count_All_KeepsEveryPeriod()
    {
        var plan = Plan(new KeepRules { Monthly = KeepRules.All }, Series("2026-11-22T12:00Z", TimeSpan.FromDays(1), 4_000));

        Assert.Equal(132, Kept(plan).Length);
        Assert.Equal(["monthly 132 of all: 2015-12"], Reasons(plan, Kept(plan)[^1]));
    }

    [Fact]
    public void Count_AllOfLast_DestroysNothing() =>
        Assert.Empty(
            Doomed(Plan(new KeepRules { Last = KeepRules.All, Daily = 1 }, Series("2026-11-22T13:00Z", TimeSpan.FromHours(1), 30))));

    [Fact]
    public void Rules_OutOfRange_AreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeepRules { Daily = -2 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeepRules { Within = TimeSpan.Zero });
        Assert.Throws<ArgumentOutOfRangeException>(() => new RetentionPolicy { Name = "p", Floor = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new RetentionBudget { MostPercent = 101 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new RetentionBudget { MostCount = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new RetentionGuard { YoungestAge = TimeSpan.FromTicks(-1) });
    }

    [Fact]
    public void Plan_CopiesOfOneInstant_AreOrderedByTheirKey()
    {
        var older = Copy("2026-11-22T13:00Z") with { Identity = "z", OrderKey = 41 };
        var newer = Copy("2026-11-22T13:00Z") with { Identity = "a", OrderKey = 42 };

        Assert.Equal(["z"], Doomed(Plan(new KeepRules { Last = 1 }, older, newer)));
        Assert.Equal(["z"], Doomed(Plan(new KeepRules { Hourly = 5 }, newer, older)));
    }

    [Fact]
    public void Plan_TwoCopiesOfOneIdentity_IsRefused() =>
        Assert.Throws<ArgumentException>(() =>
            Plan(new KeepRules { Last = 1 }, Copy("2026-11-22T13:00Z"), Copy("2026-11-21T13:00Z") with { Identity = "2026-11-22T13:00Z" }));

    [Fact]
    public void Plan_NoCopies_IsReadyAndEmpty()
    {
        var plan = Plan(new KeepRules { Last = 1 });

        Assert.Equal(RetentionPlanState.Ready, plan.State);
        Assert.Empty(plan.Decisions);
        Assert.Empty(plan.ToDestroy());
    }

    [Fact]
    public void ToDestroy_GivesTheOldestFirst() =>
        Assert.Equal(
            ["2026-11-22T10:00Z", "2026-11-22T11:00Z", "2026-11-22T12:00Z"],
            Plan(new KeepRules { Last = 1 }, Series("2026-11-22T13:00Z", TimeSpan.FromHours(1), 4))
                .ToDestroy()
                .Select(static c => c.Identity));
}
