using Fleet.Schedules.Retention;
using Fleet.Schedules.Retention.Clock;
using Fleet.Testing;
using static Fleet.Schedules.Tests.Retention.Copies;

namespace Fleet.Schedules.Tests.Retention;

/// <summary>A year and a day lived hour by hour: a copy, the clock guard, a plan, and what the plan says is destroyed.</summary>
public sealed class YearTests
{
    private static readonly DateTimeOffset Begin = At("2025-12-31T00:00Z");
    private static readonly DateTimeOffset End = At("2026-12-31T22:00Z");
    private static readonly KeepRules Keep = new() { Hourly = 24, Daily = 7, Weekly = 4, Monthly = 12, Yearly = 2 };

    private static readonly string[] LastHours = [.. Enumerable.Range(0, 24).Select(static i => Instant(End.AddHours(-i)))];

    [Fact]
    public void Year_InBerlin_EndsWithTheLastCopyOfEachPeriod() => Assert.Equal(
        [
            .. LastHours,
            // Days of Berlin end at 22:00 UTC in winter; that of the 31st is among the hours. The 27th ends week 52.
            "2026-12-30T22:00Z", "2026-12-29T22:00Z", "2026-12-28T22:00Z", "2026-12-27T22:00Z", "2026-12-26T22:00Z", "2026-12-25T22:00Z",
            "2026-12-20T22:00Z", "2026-12-13T22:00Z",
            // Months of summer end at 21:00 UTC.
            "2026-11-30T22:00Z", "2026-10-31T22:00Z", "2026-09-30T21:00Z", "2026-08-31T21:00Z", "2026-07-31T21:00Z", "2026-06-30T21:00Z",
            "2026-05-31T21:00Z", "2026-04-30T21:00Z", "2026-03-31T21:00Z", "2026-02-28T22:00Z", "2026-01-31T22:00Z",
            "2025-12-31T22:00Z",
        ],
        Live(Berlin));

    [Fact]
    public void Year_InUtc_EndsWithTheLastCopyOfEachPeriod() => Assert.Equal(
        [
            // 2026-12-30T23:00Z is the last of its day, and among the hours.
            .. LastHours,
            "2026-12-29T23:00Z", "2026-12-28T23:00Z", "2026-12-27T23:00Z", "2026-12-26T23:00Z", "2026-12-25T23:00Z",
            "2026-12-20T23:00Z", "2026-12-13T23:00Z",
            "2026-11-30T23:00Z", "2026-10-31T23:00Z", "2026-09-30T23:00Z", "2026-08-31T23:00Z", "2026-07-31T23:00Z", "2026-06-30T23:00Z",
            "2026-05-31T23:00Z", "2026-04-30T23:00Z", "2026-03-31T23:00Z", "2026-02-28T23:00Z", "2026-01-31T23:00Z",
            "2025-12-31T23:00Z",
        ],
        Live(TimeZoneInfo.Utc));

    [Theory]
    [InlineData("UTC")]
    [InlineData("Europe/Berlin")]
    [InlineData("Australia/Lord_Howe")]
    [InlineData("America/Havana")]
    public void Year_ThinnedEveryHour_EndsLikeThinnedOnce(string zone)
    {
        var all = Series(Instant(End), TimeSpan.FromHours(1), (int)(End - Begin).TotalHours + 1);
        var once = RetentionPlanner.Plan(Policy(Keep, TimeZoneInfo.FindSystemTimeZoneById(zone)), all, ClockAt(End), RetentionGuard.None);

        Assert.Equal(Kept(once), Live(TimeZoneInfo.FindSystemTimeZoneById(zone)));
    }

    private static string[] Live(TimeZoneInfo zone)
    {
        var policy = Policy(Keep, zone) with { Budget = new RetentionBudget() };
        var clock = new FakeTimeProvider(Begin);
        var memory = ClockMemory.Empty;
        List<RetentionCandidate> copies = [];
        for (; clock.GetUtcNow() <= End; clock.Advance(TimeSpan.FromHours(1)))
        {
            copies.Add(Copy(clock.GetUtcNow()));
            var reading = new ClockReading(clock.GetUtcNow(), clock.GetElapsedTime(0), "boot");
            (var check, memory) = ClockGuard.Check(reading, isSynchronised: true, memory, new ClockLimits());
            var plan = RetentionPlanner.Plan(policy, copies, check, RetentionGuard.None);

            // No pass of a steady life asks, and the last 24 hours are there on every day, that of 23 hours and that of 25.
            Assert.Equal(RetentionPlanState.Ready, plan.State);
            var gone = plan.ToDestroy().ToHashSet();
            copies.RemoveAll(gone.Contains);
            var hours = Math.Min(24, (int)(clock.GetUtcNow() - Begin).TotalHours + 1);
            Assert.Equal(
                Enumerable.Range(0, hours).Select(i => clock.GetUtcNow().AddHours(-i)),
                copies.Select(static c => c.CreatedAt).Reverse().Take(hours));
        }

        return [.. copies.Select(static c => Instant(c.CreatedAt)).Reverse()];
    }
}
