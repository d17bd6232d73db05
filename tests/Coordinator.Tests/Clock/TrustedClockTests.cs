using Fleet.Coordinator.Clock;
using Fleet.Coordinator.Tests.Infrastructure;
using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Fleet.Schedules.Retention.Clock;
using Microsoft.Extensions.DependencyInjection;

namespace Fleet.Coordinator.Tests.Clock;

public sealed class TrustedClockTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("a", 240, 240, 0)] // Ten days in one boot, and the monotonic clock says so, too.
    [InlineData("a", 240, 1, 239)] // The wall clock alone went ahead.
    [InlineData("b", 240, 1, 240)] // Another boot: all of it counts.
    [InlineData("a", -48, 1, -49)]
    public void Ahead_IsWhatTheMonotonicClockDoesNotExplain(string boot, int wallHours, int passedHours, int ahead) =>
        Assert.Equal(
            TimeSpan.FromHours(ahead),
            ClockJudgement.Ahead(
                new ClockReading(Start.AddHours(wallHours), TimeSpan.FromHours(100 + passedHours), boot),
                new TrustedReading(new ClockReading(Start, TimeSpan.FromHours(100), "a"), null, TimeSpan.Zero)));

    [Fact]
    public async Task JumpAhead_ForgetsNothing_UntilItIsAccepted()
    {
        var clock = new ShiftedClock();
        await using var coordinator = await TestCoordinator.StartAsync(clock);
        await coordinator.EnrolAsync("nas");
        var before = (await coordinator.AllEventsAsync()).Count;
        Assert.True(await Trusted(coordinator).MayForgetAsync(default));

        clock.Shift = TimeSpan.FromDays(200);
        await coordinator.RestartAsync();

        // Events are forgotten at each start, if that may be.
        Assert.False(await Trusted(coordinator).MayForgetAsync(default));
        var jumped = await coordinator.EventAsync("coordinator.clock_jumped");
        Assert.InRange(long.Parse(jumped.Attributes["jump_seconds"], System.Globalization.CultureInfo.InvariantCulture), 199 * 86_400, 201 * 86_400);
        Assert.True((await coordinator.AllEventsAsync()).Count > before);
        var status = await coordinator.Fleet.GetStatusAsync(new GetStatusRequest());
        Assert.Equal(AttentionSeverity.Critical, Assert.Single(status.Attention, item => item.Code == "clock_jumped").Severity);

        Assert.True((await coordinator.AdminService.AcceptClockAsync(new AcceptClockRequest { Note = "it was off" })).Accepted);
        Assert.False((await coordinator.AdminService.AcceptClockAsync(new AcceptClockRequest { Note = "again" })).Accepted);
        Assert.True(await Trusted(coordinator).MayForgetAsync(default));
        Assert.DoesNotContain((await coordinator.Fleet.GetStatusAsync(new GetStatusRequest())).Attention, item => item.Code == "clock_jumped");
        Assert.Contains("it was off", (await coordinator.EventAsync("coordinator.clock_trusted")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task JumpAhead_ThatIsTakenBack_IsTrustedAgain()
    {
        var clock = new ShiftedClock();
        await using var coordinator = await TestCoordinator.StartAsync(clock);
        Assert.True(await Trusted(coordinator).MayForgetAsync(default));
        clock.Shift = TimeSpan.FromHours(30);
        Assert.False(await Trusted(coordinator).MayForgetAsync(default));

        clock.Shift = TimeSpan.Zero;

        Assert.True(await Trusted(coordinator).MayForgetAsync(default));
        Assert.Equal("it is back", (await coordinator.EventAsync("coordinator.clock_trusted")).Attributes["reason"]);
    }

    [Fact]
    public async Task JumpAhead_HostsThatComeWithTheSameTime_AreWitnesses()
    {
        var clock = new ShiftedClock();
        await using var coordinator = await TestCoordinator.StartAsync(clock);
        var agent = await coordinator.EnrolAsync("nas");
        Assert.True(await Trusted(coordinator).MayForgetAsync(default));
        clock.Shift = TimeSpan.FromDays(30);
        Assert.False(await Trusted(coordinator).MayForgetAsync(default));

        await using var session = await agent.OpenAsync(hello => hello.BootId = "another machine");

        Assert.True(await Trusted(coordinator).MayForgetAsync(default));
    }

    [Fact]
    public async Task SmallJumps_AreNone()
    {
        var clock = new ShiftedClock();
        await using var coordinator = await TestCoordinator.StartAsync(clock);
        Assert.True(await Trusted(coordinator).MayForgetAsync(default));
        clock.Shift = TimeSpan.FromHours(24);
        Assert.True(await Trusted(coordinator).MayForgetAsync(default));
    }

    private static TrustedClock Trusted(TestCoordinator coordinator) => coordinator.Services.GetRequiredService<TrustedClock>();
}
