using Fleet.Agent.Host;
using Fleet.Testing;

namespace Fleet.Agent.Tests.Host;

public sealed class CoordinatorClockTests
{
    private static readonly DateTimeOffset Noon = new(2026, 12, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(-26 * 60, true, "this host's clock is 26 h ahead of the coordinator's (2026-12-01T12:00Z here, 2026-11-30T10:00Z there): this one is synchronised, so look at the coordinator's first (timedatectl)")]
    [InlineData(-26 * 60, false, "this host's clock is 26 h ahead of the coordinator's (2026-12-01T12:00Z here, 2026-11-30T10:00Z there): this one is not synchronised, so look here first (timedatectl)")]
    [InlineData(5, false, "this host's clock is 5 min behind the coordinator's (2026-12-01T12:00Z here, 2026-12-01T12:05Z there): this one is not synchronised, so look here first (timedatectl)")]
    [InlineData(1, false, null)]
    [InlineData(0, true, null)]
    public void Explain_SaysHowFarAndWhichOne(int thereMinutes, bool synchronised, string? says)
    {
        var clock = new CoordinatorClock(new FakeTimeProvider(Noon), () => synchronised);
        Assert.Null(clock.Explain());

        clock.Observe(Noon.AddMinutes(thereMinutes));

        Assert.Equal(says, clock.Explain());
    }

    [Fact]
    public void Difference_TimeThatPasses_IsNoDifference()
    {
        var time = new FakeTimeProvider(Noon);
        var clock = new CoordinatorClock(time, () => true);
        clock.Observe(Noon);

        time.Advance(TimeSpan.FromDays(2));

        Assert.Null(clock.Difference());
    }

    [Fact]
    public void Explain_KernelDoesNotSay_LeavesItOpen()
    {
        var clock = new CoordinatorClock(new FakeTimeProvider(Noon), () => throw new IOException("no"));
        clock.Observe(Noon.AddHours(-1));

        Assert.EndsWith("check which one is right (timedatectl)", clock.Explain(), StringComparison.Ordinal);
    }
}
