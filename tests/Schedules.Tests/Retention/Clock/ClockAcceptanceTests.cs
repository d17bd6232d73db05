using Fleet.Schedules.Retention.Clock;
using static Fleet.Schedules.Tests.Retention.Copies;

namespace Fleet.Schedules.Tests.Retention.Clock;

/// <summary>A person's word that the clock is right.</summary>
public sealed class ClockAcceptanceTests
{
    private static readonly ClockLimits Limits = new();
    private static readonly ClockReading First = new(Now, TimeSpan.FromDays(3), "boot-1");

    [Theory]
    [InlineData(600, "it was 2026-11-22T13:30:00Z at the last trusted pass, is 2026-11-23T00:30:00Z now, and jumped by +10h in between")]
    [InlineData(-600, "it was 2026-11-22T13:30:00Z at the last trusted pass, is 2026-11-22T04:30:00Z now, and jumped by -10h in between")]
    public void Accept_AfterAJump_TheNextPassTrustsTheClockAsItIs(int minutes, string facts)
    {
        var (check, memory) = ClockGuard.Check(Later(1, minutes), isSynchronised: true, new ClockMemory(First), Limits);

        var (acceptance, after) = ClockGuard.Accept(Later(1, minutes), isSynchronised: true, memory, Limits);

        Assert.NotNull(check.Refusal);
        Assert.Equal((true, TimeSpan.FromMinutes(minutes), facts), (acceptance.IsAccepted, acceptance.Jump, acceptance.Facts));
        Assert.Equal(new ClockMemory(Later(1, minutes)), after);
        Assert.Null(ClockGuard.Check(Later(2, minutes), isSynchronised: true, after, Limits).Check.Refusal);
    }

    [Fact]
    public void Accept_AndThenAnotherJump_RefusesAgain()
    {
        var (_, memory) = ClockGuard.Accept(Later(1, 600), isSynchronised: true, new ClockMemory(First), Limits);

        Assert.StartsWith(
            "jumped by -10h",
            ClockGuard.Check(Later(2), isSynchronised: true, memory, Limits).Check.Refusal,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Accept_NotSynchronised_ChangesNothingAndStillSaysHowFarItJumped()
    {
        var before = new ClockMemory(First, Later(1, 600));

        var (acceptance, after) = ClockGuard.Accept(Later(2, 600), isSynchronised: false, before, Limits);

        Assert.Equal((false, true, TimeSpan.FromHours(10)), (acceptance.IsAccepted, acceptance.IsNeeded, acceptance.Jump));
        Assert.Same(before, after);
    }

    [Fact]
    public void Accept_WhatIsTrustedAnyway_ChangesNothing()
    {
        var before = new ClockMemory(First);

        var (acceptance, after) = ClockGuard.Accept(Later(1, 5), isSynchronised: true, before, Limits);

        Assert.Equal((false, false), (acceptance.IsAccepted, acceptance.IsNeeded));
        Assert.Same(before, after);
    }

    [Fact]
    public void Accept_BeforeTheFirstPass_IsNotNeeded()
    {
        var (acceptance, after) = ClockGuard.Accept(First, isSynchronised: true, ClockMemory.Empty, Limits);

        Assert.Equal(
            (false, null, "it is 2026-11-22T13:30:00Z, and no pass has trusted one before"),
            (acceptance.IsNeeded, acceptance.Jump, acceptance.Facts));
        Assert.Equal(ClockMemory.Empty, after);
    }

    [Fact]
    public void Accept_AfterARestart_SaysThatTheSizeOfTheJumpIsNotKnown()
    {
        var boot = new ClockReading(Now.AddHours(20), TimeSpan.FromMinutes(1), "boot-2");

        var (acceptance, after) = ClockGuard.Accept(boot, isSynchronised: true, new ClockMemory(First, Later(1, 600)), Limits);

        Assert.Equal((true, null), (acceptance.IsAccepted, acceptance.Jump));
        Assert.EndsWith(
            "how far it jumped is not known, because the machine was restarted in between",
            acceptance.Facts,
            StringComparison.Ordinal);
        Assert.Equal(new ClockMemory(boot), after);
    }

    [Fact]
    public void Accept_AfterARestartThatWentBack_SaysHowFar()
    {
        var boot = new ClockReading(Now.AddHours(-7), TimeSpan.FromMinutes(1), "boot-2");

        Assert.Equal(TimeSpan.FromHours(-7), ClockGuard.Accept(boot, isSynchronised: true, new ClockMemory(First), Limits).Acceptance.Jump);
    }

    private static ClockReading Later(int hours, int wallMinutes = 0) =>
        First with { Wall = First.Wall.AddHours(hours).AddMinutes(wallMinutes), SinceBoot = First.SinceBoot + TimeSpan.FromHours(hours) };
}
