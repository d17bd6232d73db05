namespace Fleet.Schedules.Tests;

public sealed class IntervalScheduleTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 29, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void NextAfter_OnAnInstant_GivesTheNextOne()
    {
        var schedule = new IntervalSchedule(TimeSpan.FromMinutes(15), TimeSpan.Zero);

        Assert.Equal(Noon.AddMinutes(15), schedule.NextAfter(Noon));
        Assert.Equal(Noon, schedule.NextAfter(Noon.AddTicks(-1)));
    }

    [Fact]
    public void NextAfter_WithOffset_ShiftsEveryInstant()
    {
        var schedule = new IntervalSchedule(TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(2));

        Assert.Equal(Noon.AddMinutes(2), schedule.NextAfter(Noon));
        Assert.Equal(Noon.AddMinutes(17), schedule.NextAfter(Noon.AddMinutes(2)));
    }

    [Fact]
    public void NextAfter_LivedThroughADay_HasOneInstantPerInterval()
    {
        var schedule = new IntervalSchedule(TimeSpan.FromMinutes(15), TimeSpan.FromSeconds(77));
        var at = Noon;
        var count = 0;
        while (schedule.NextAfter(at) is { } next && next <= Noon.AddDays(1))
        {
            Assert.True(next > at);
            at = next;
            count++;
        }

        Assert.Equal(96, count);
    }

    [Fact]
    public void NextAfter_BeforeTheEpoch_StillMovesForward()
    {
        var schedule = new IntervalSchedule(TimeSpan.FromHours(1), TimeSpan.FromMinutes(10));
        var before = DateTimeOffset.UnixEpoch.AddMinutes(-30);

        Assert.Equal(DateTimeOffset.UnixEpoch.AddMinutes(10), schedule.NextAfter(before));
        Assert.Null(schedule.NextAfter(DateTimeOffset.MaxValue));
    }

    [Fact]
    public void Constructor_IntervalBelowOneSecond_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new IntervalSchedule(TimeSpan.FromMilliseconds(999), TimeSpan.Zero));
}
