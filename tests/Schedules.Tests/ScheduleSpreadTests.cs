namespace Fleet.Schedules.Tests;

public sealed class ScheduleSpreadTests
{
    [Fact]
    public void Offset_ThousandHosts_FillsTheBoundEvenly()
    {
        var bound = TimeSpan.FromMinutes(5);
        var offsets = Enumerable.Range(0, 1000).Select(i => ScheduleSpread.Offset("p", $"host-{i}", bound)).ToList();

        Assert.All(offsets, o => Assert.InRange(o, TimeSpan.Zero, bound - TimeSpan.FromMilliseconds(1)));
        var perMinute = offsets.GroupBy(o => (int)o.TotalMinutes).ToList();
        Assert.Equal(5, perMinute.Count);
        Assert.All(perMinute, m => Assert.InRange(m.Count(), 140, 260));
    }

    [Fact]
    public void Offset_SameInput_IsStable() =>
        Assert.Equal(ScheduleSpread.Offset("p", "h", TimeSpan.FromHours(1)), ScheduleSpread.Offset("p", "h", TimeSpan.FromHours(1)));

    [Fact]
    public void Offset_NoBound_IsZero() => Assert.Equal(TimeSpan.Zero, ScheduleSpread.Offset("p", "h", TimeSpan.Zero));
}
