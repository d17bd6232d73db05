namespace Fleet.Schedules.Tests;

public sealed class ScheduledRunIdTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 20, 20, 0, 0, TimeSpan.Zero);

    // Recorded: the value is written to disk by agents and coordinators of every version, so it must never change.
    [Fact]
    public void Derive_KnownInput_GivesTheRecordedId() =>
        Assert.Equal("ca8dbe8b51bdc758e7520e05cbc0863d", ScheduledRunId.Derive("nightly", "6f1c8c1e-0b51-4a8e-9a53-0b3c4d0a7c11", At));

    [Fact]
    public void Derive_SameInstantInAnotherZone_GivesTheSameId() =>
        Assert.Equal(ScheduledRunId.Derive("p", "h", At), ScheduledRunId.Derive("p", "h", At.ToOffset(TimeSpan.FromHours(2))));

    [Fact]
    public void Derive_AnyPartDiffers_GivesAnotherId()
    {
        var ids = new[]
        {
            ScheduledRunId.Derive("p", "h", At), ScheduledRunId.Derive("p2", "h", At),
            ScheduledRunId.Derive("p", "h2", At), ScheduledRunId.Derive("p", "h", At.AddMilliseconds(1)),
        };

        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Matches("^[0-9a-f]{32}$", id));
    }
}
