using Fleet.Schedules.Retention;
using static Fleet.Schedules.Tests.Retention.Copies;

namespace Fleet.Schedules.Tests.Retention;

/// <summary>Hours, days, weeks, months and years in zones, where the clock is set and where it is not.</summary>
public sealed class PeriodsTests
{
    [Fact]
    public void Days_AreTheZones()
    {
        // 23:30 UTC is the next day in Berlin.
        RetentionCandidate[] copies = [Copy("2026-11-20T22:30Z"), Copy("2026-11-20T23:30Z"), Copy("2026-11-21T12:00Z")];
        var keep = new KeepRules { Daily = 2 };

        Assert.Equal(["2026-11-20T22:30Z"], Doomed(Plan(Policy(keep), copies)));
        Assert.Equal(["2026-11-20T23:30Z"], Doomed(Plan(Policy(keep, Berlin), copies)));
    }

    [Fact]
    public void Hours_TheHourThatComesTwice_IsTwoHours()
    {
        var copies = Series("2026-10-25T03:30Z", TimeSpan.FromMinutes(30), 12);

        var plan = Plan(Policy(new KeepRules { Hourly = 5 }, Berlin), copies);

        Assert.Equal(["2026-10-25T03:30Z", "2026-10-25T02:30Z", "2026-10-25T01:30Z", "2026-10-25T00:30Z", "2026-10-24T23:30Z"], Kept(plan));
        Assert.Equal(["hourly 3 of 5: 2026-10-25T02:00+01:00"], Reasons(plan, "2026-10-25T01:30Z"));
        Assert.Equal(["hourly 4 of 5: 2026-10-25T02:00+02:00"], Reasons(plan, "2026-10-25T00:30Z"));
        Assert.Equal(["hourly 5 of 5: 2026-10-25T01:00+02:00"], Reasons(plan, "2026-10-24T23:30Z"));
    }

    [Fact]
    public void Hours_TheHourThatIsLeftOut_CostsNothing()
    {
        var plan = Plan(Policy(new KeepRules { Hourly = 3 }, Berlin), Series("2026-03-29T02:15Z", TimeSpan.FromHours(1), 6));

        Assert.Equal(["hourly 2 of 3: 2026-03-29T03:00+02:00"], Reasons(plan, "2026-03-29T01:15Z"));
        Assert.Equal(["hourly 3 of 3: 2026-03-29T01:00+01:00"], Reasons(plan, "2026-03-29T00:15Z"));
    }

    [Fact]
    public void Hours_OfAZoneWithHalfHours_BeginAtItsOwnHour()
    {
        var kolkata = TimeZoneInfo.FindSystemTimeZoneById("Asia/Kolkata");

        var plan = Plan(
            Policy(new KeepRules { Hourly = 9 }, kolkata),
            [Copy("2026-11-22T12:29Z"), Copy("2026-11-22T12:31Z"), Copy("2026-11-22T13:29Z")]);

        Assert.Equal(["2026-11-22T12:31Z"], Doomed(plan));
        Assert.Equal(["hourly 2 of 9: 2026-11-22T17:00+05:30"], Reasons(plan, "2026-11-22T12:29Z"));
    }

    [Fact]
    public void Hours_WhereTheClockGoesBackByHalfAnHour_EachCountsOnce()
    {
        // Lord Howe, 2026-04-05 02:00 +11:00 becomes 01:30 +10:30, at 15:00 UTC of the day before.
        var lordHowe = TimeZoneInfo.FindSystemTimeZoneById("Australia/Lord_Howe");
        var copies = Series("2026-04-04T16:20Z", TimeSpan.FromMinutes(10), 18);

        var plan = Plan(Policy(new KeepRules { Hourly = KeepRules.All }, lordHowe), copies);

        Assert.Equal(["2026-04-04T16:20Z", "2026-04-04T15:20Z", "2026-04-04T14:50Z", "2026-04-04T13:50Z"], Kept(plan));
    }

    [Fact]
    public void Days_WhoseEndComesTwice_CountOnce()
    {
        // St. John's set its clock back at 00:01 until 2011: after one minute of the 7th came the last hour of the 6th again.
        var stJohns = TimeZoneInfo.FindSystemTimeZoneById("America/St_Johns");
        RetentionCandidate[] copies =
        [
            Copy("2010-11-07T02:10Z"), Copy("2010-11-07T02:30Z"), Copy("2010-11-07T02:45Z"), Copy("2010-11-07T12:00Z"),
        ];

        Assert.Equal(["2010-11-07T12:00Z", "2010-11-07T02:45Z"], Kept(Plan(Policy(new KeepRules { Daily = 9 }, stJohns), copies)));
    }

    [Theory]
    [InlineData("2026-12-31T12:00Z", "2026-W53")]
    [InlineData("2027-01-03T23:59Z", "2026-W53")]
    [InlineData("2027-01-04T00:00Z", "2027-W01")]
    [InlineData("2024-12-30T00:00Z", "2025-W01")]
    public void Weeks_AreIsoWeeks(string instant, string week)
    {
        var plan = RetentionPlanner.Plan(
            Policy(new KeepRules { Weekly = 1 }), [Copy(instant)], ClockAt(At("2028-01-01T00:00Z")), RetentionGuard.None);

        Assert.Equal($"weekly 1 of 1: {week}", plan.Decisions[0].Reasons[^1].Text);
    }

    [Fact]
    public void Weeks_OfTwoYears_AreOneWeek() =>
        Assert.Equal(
            ["2026-12-31T12:00Z"],
            Doomed(RetentionPlanner.Plan(
                Policy(new KeepRules { Weekly = 9 }),
                [Copy("2026-12-27T12:00Z"), Copy("2026-12-31T12:00Z"), Copy("2027-01-01T12:00Z")],
                ClockAt(At("2027-01-01T13:00Z")),
                RetentionGuard.None)));

    [Fact]
    public void Labels_OfEveryPeriod()
    {
        var plan = Plan(new KeepRules { Last = 1, Hourly = 1, Daily = 1, Weekly = 1, Monthly = 1, Yearly = 1 }, Copy("2026-11-22T13:07Z"));

        Assert.Equal(
            [
                "newest: the newest good one", "last 1 of 1", "hourly 1 of 1: 2026-11-22T13:00Z", "daily 1 of 1: 2026-11-22",
                "weekly 1 of 1: 2026-W47", "monthly 1 of 1: 2026-11", "yearly 1 of 1: 2026",
            ],
            Reasons(plan, "2026-11-22T13:07Z"));
    }

    [Fact]
    public void Plan_InstantsAtTheEndsOfTime_AreCounted()
    {
        var first = Copy(DateTimeOffset.MinValue) with { Identity = "first" };

        Assert.Empty(
            Doomed(
                Plan(
                    Policy(
                        new KeepRules
                        {
                            Hourly = 2,
                            Daily = 2,
                            Weekly = 2,
                            Monthly = 2,
                            Yearly = 2,
                        },
                        Berlin),
                    [first, Copy(Now)])));
    }
}
