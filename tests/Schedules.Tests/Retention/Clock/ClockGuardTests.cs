using Fleet.Schedules.Retention;
using Fleet.Schedules.Retention.Clock;
using static Fleet.Schedules.Tests.Retention.Copies;

namespace Fleet.Schedules.Tests.Retention.Clock;

public sealed class ClockGuardTests
{
    private static readonly ClockLimits Limits = new();
    private static readonly ClockReading First = new(Now, TimeSpan.FromDays(3), "boot-1");

    [Fact]
    public void Check_FirstPass_TrustsASynchronisedClock()
    {
        var (check, memory) = ClockGuard.Check(First, isSynchronised: true, ClockMemory.Empty, Limits);

        Assert.Null(check.Refusal);
        Assert.Equal(Now, check.Now);
        Assert.Equal(new ClockMemory(First), memory);
    }

    [Fact]
    public void Check_NotSynchronised_RefusesAndRemembersTheLastGoodReading()
    {
        var (check, memory) = ClockGuard.Check(Later(1), isSynchronised: false, new ClockMemory(First), Limits);

        Assert.Equal("not synchronised", check.Refusal);
        Assert.Equal(new ClockMemory(First), memory);
    }

    [Fact]
    public void Check_BothClocksWentOn_Trusts()
    {
        var (check, memory) = ClockGuard.Check(Later(1, wallMinutes: 10), isSynchronised: true, new ClockMemory(First), Limits);

        Assert.Null(check.Refusal);
        Assert.Equal(Later(1, wallMinutes: 10), memory.Trusted);
    }

    [Theory]
    [InlineData(11, "jumped by +11m since 2026-11-22T13:30:00Z; steady for 0s of 1d")]
    [InlineData(-11, "jumped by -11m since 2026-11-22T13:30:00Z; steady for 0s of 1d")]
    [InlineData(60 * 24 * 400, "jumped by +400d since 2026-11-22T13:30:00Z; steady for 0s of 1d")]
    public void Check_TheWallClockJumped_Refuses(int minutes, string refusal)
    {
        var (check, memory) = ClockGuard.Check(Later(1, minutes), isSynchronised: true, new ClockMemory(First), Limits);

        Assert.Equal(refusal, check.Refusal);
        Assert.Equal(new ClockMemory(First, Later(1, minutes)), memory);
    }

    [Fact]
    public void Check_SteadyForADayAfterAJump_TrustsAgain()
    {
        var memory = new ClockMemory(First);
        var refused = 0;
        ClockCheck check;
        for (var hour = 1; ; hour++)
        {
            (check, memory) = ClockGuard.Check(Later(hour, 600), isSynchronised: true, memory, Limits);
            if (check.Refusal is null)
            {
                break;
            }

            refused++;
        }

        Assert.Equal(24, refused);
        Assert.Equal(new ClockMemory(Later(25, 600)), memory);
    }

    [Fact]
    public void Check_AnotherJump_StartsTheWaitAnew()
    {
        var memory = new ClockMemory(First);
        (_, memory) = ClockGuard.Check(Later(1, 600), isSynchronised: true, memory, Limits);
        (_, memory) = ClockGuard.Check(Later(23, 1_200), isSynchronised: true, memory, Limits);

        var (check, _) = ClockGuard.Check(Later(26, 1_200), isSynchronised: true, memory, Limits);

        Assert.Equal("jumped by +20h since 2026-11-22T13:30:00Z; steady for 3h of 1d", check.Refusal);
    }

    [Fact]
    public void Check_TheClockCameBack_TrustsAtOnce()
    {
        var (_, memory) = ClockGuard.Check(Later(1, 600), isSynchronised: true, new ClockMemory(First), Limits);

        var (check, after) = ClockGuard.Check(Later(2), isSynchronised: true, memory, Limits);

        Assert.Null(check.Refusal);
        Assert.Null(after.Suspect);
    }

    [Fact]
    public void Check_AfterARestart_TimeMayHavePassedButNotGoneBack()
    {
        var later = new ClockReading(Now.AddDays(30), TimeSpan.FromMinutes(1), "boot-2");
        Assert.Null(ClockGuard.Check(later, isSynchronised: true, new ClockMemory(First), Limits).Check.Refusal);

        var earlier = new ClockReading(Now.AddDays(-1), TimeSpan.FromMinutes(1), "boot-2");
        Assert.Equal(
            "jumped by -1d since 2026-11-22T13:30:00Z; steady for 0s of 1d",
            ClockGuard.Check(earlier, isSynchronised: true, new ClockMemory(First), Limits).Check.Refusal);
    }

    [Fact]
    public void Check_ARestartAfterAJump_DoesNotForgiveIt()
    {
        var (_, memory) = ClockGuard.Check(Later(1, 60 * 24 * 400), isSynchronised: true, new ClockMemory(First), Limits);
        var boot = new ClockReading(Now.AddDays(400.1), TimeSpan.FromHours(1), "boot-2");

        (var check, memory) = ClockGuard.Check(boot, isSynchronised: true, memory, Limits);
        Assert.Equal("jumped since 2026-11-22T13:30:00Z; steady for 0s of 1d", check.Refusal);

        (check, memory) = ClockGuard.Check(After(boot, 23), isSynchronised: true, memory, Limits);
        Assert.NotNull(check.Refusal);
        (check, _) = ClockGuard.Check(After(boot, 24), isSynchronised: true, memory, Limits);
        Assert.Null(check.Refusal);
    }

    [Fact]
    public void Plan_TheGuardRefused_DestroysNothing()
    {
        var (check, _) = ClockGuard.Check(First, isSynchronised: false, ClockMemory.Empty, Limits);

        var plan = RetentionPlanner.Plan(
            Policy(new KeepRules { Last = 1 }), Series("2026-11-22T13:00Z", TimeSpan.FromHours(1), 9), check, RetentionGuard.None);

        Assert.Equal(RetentionPlanState.Refused, plan.State);
        Assert.Equal("clock: not synchronised", plan.Why);
        Assert.Empty(Doomed(plan));
        Assert.Empty(plan.ToDestroy(plan.Fingerprint));
        Assert.Equal(["clock: not synchronised"], Reasons(plan, "2026-11-22T12:00Z"));
    }

    [Theory]
    [InlineData(300, RetentionPlanState.Ready)]
    [InlineData(301, RetentionPlanState.Refused)]
    public void Plan_TheClockIsBehindTheNewestCopy_RefusesBeyondTheTolerance(int seconds, RetentionPlanState state)
    {
        var copies = Series("2026-11-22T13:00Z", TimeSpan.FromHours(1), 9);

        var plan = Plan(new KeepRules { Last = 1 }, [.. copies, Copy(Now.AddSeconds(seconds)) with { IsHeld = true, IsComplete = false }]);

        Assert.Equal(state, plan.State);
        Assert.Equal(state == RetentionPlanState.Ready ? 8 : 0, plan.ToDestroy().Length);
    }

    [Fact]
    public void Plan_AProtectedCopyFromTheFuture_DoesNotStopPruning()
    {
        var copies = Series("2026-11-22T13:00Z", TimeSpan.FromHours(1), 9);

        var plan = Plan(new KeepRules { Last = 1 }, [.. copies, Copy(Now.AddYears(70)) with { IsProtected = true }]);

        Assert.Equal(RetentionPlanState.Ready, plan.State);
        Assert.Equal(8, plan.ToDestroy().Length);
    }

    private static ClockReading Later(int hours, int wallMinutes = 0) =>
        new(Now.AddHours(hours).AddMinutes(wallMinutes), First.SinceBoot + TimeSpan.FromHours(hours), "boot-1");

    private static ClockReading After(ClockReading reading, int hours) =>
        reading with { Wall = reading.Wall.AddHours(hours), SinceBoot = reading.SinceBoot + TimeSpan.FromHours(hours) };
}
