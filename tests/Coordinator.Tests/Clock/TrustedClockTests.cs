using Fleet.Coordinator.Clock;
using Fleet.Coordinator.Identity;
using Fleet.Coordinator.State.Clock;
using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Fleet.Schedules.Retention.Clock;
using Fleet.Testing;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Fleet.Coordinator.Tests.Clock;

public sealed class TrustedClockTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("a", 240, 240, 0)] // Ten days in one boot, and the monotonic clock says so, too.
    [InlineData("a", 240, 1, 239)] // The wall clock alone went ahead.
    [InlineData("b", 240, 1, 139)] // Another boot: what went by before it counts.
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
        Assert.InRange(
            long.Parse(jumped.Attributes["jump_seconds"], System.Globalization.CultureInfo.InvariantCulture),
            199 * 86_400,
            201 * 86_400);
        Assert.True((await coordinator.AllEventsAsync()).Count > before);
        var status = await coordinator.Fleet.GetStatusAsync(new GetStatusRequest());
        Assert.Equal(AttentionSeverity.Critical, Assert.Single(status.Attention, item => item.Code == "clock_jumped").Severity);

        Assert.True((await coordinator.AdminService.AcceptClockAsync(new AcceptClockRequest { Note = "it was off" })).Accepted);
        Assert.False((await coordinator.AdminService.AcceptClockAsync(new AcceptClockRequest { Note = "again" })).Accepted);
        Assert.True(await Trusted(coordinator).MayForgetAsync(default));
        Assert.DoesNotContain((await coordinator.Fleet.GetStatusAsync(new GetStatusRequest())).Attention, item =>
            item.Code == "clock_jumped");
        Assert.Contains("it was off", (await coordinator.EventAsync("coordinator.clock_trusted")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task JumpAhead_NothingExpires()
    {
        var clock = new ShiftedClock();
        await using var coordinator = await TestCoordinator.StartAsync(clock);
        var nas = await coordinator.EnrolAsync("nas");
        var token = await coordinator.AdminService.CreateJoinTokenAsync(
            new CreateJoinTokenRequest { RequestId = Guid.NewGuid().ToString(), MaxUses = 2 });
        await coordinator.ApplyAsync(TestPolicies.New());
        var waiting = await coordinator.StartAsync("photos", "nas");
        Assert.True(await Trusted(coordinator).MayForgetAsync(default));

        clock.Shift = TimeSpan.FromDays(200);
        await coordinator.RestartAsync();

        // The host's certificate (90 days), the run that waits, and the token (an hour).
        await using var session = await nas.OpenAsync(hello =>
            hello.SentAt = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow()));
        Assert.Equal(waiting.RunId, (await session.CommandAsync()).RunId);
        var web = await ScriptedAgent.EnrolAsync(coordinator, "web", token);

        // What is issued in that time is valid by clocks that are right.
        Assert.True(web.Certificate.NotBefore.ToUniversalTime() < TimeProvider.System.GetUtcNow().UtcDateTime);
        var server = coordinator.Services.GetRequiredService<ServerIdentity>().ServerCertificate;
        Assert.True(
            server.NotBefore.ToUniversalTime() < TimeProvider.System.GetUtcNow().UtcDateTime
                && server.NotAfter.ToUniversalTime() > TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(280));

        Assert.True((await coordinator.AdminService.AcceptClockAsync(new AcceptClockRequest { Note = "it was off" })).Accepted);
        var refusal = await Assert.ThrowsAsync<RpcException>(() => ScriptedAgent.EnrolAsync(coordinator, "db", token));
        Assert.Contains("expired", refusal.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task JumpAhead_RunsThatGoOnAreNotCancelled()
    {
        var clock = new ShiftedClock();
        await using var coordinator = await TestCoordinator.StartAsync(clock);
        var nas = await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(TestPolicies.New(), TestPolicies.New("late"));
        Assert.True(await Trusted(coordinator).MayForgetAsync(default));
        await using var session = await nas.OpenAsync();
        var run = await coordinator.StartAsync("photos");
        await session.StartAsync(await session.CommandAsync());

        clock.Shift = TimeSpan.FromDays(2);

        // One that is overdue by any clock shows that this one was looked at.
        var late = await coordinator.StartAsync("late");
        var command = await session.CommandAsync();
        await session.SendAsync(nas.Entry(new RunStarted
        {
            RunId = command.RunId,
            Policy = command.Policy,
            Attempt = command.Attempt,
            StartedAt = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow().AddDays(-30)),
        }));
        await coordinator.EventAsync("run.overdue", fact => fact.RunId == late.RunId);
        Assert.Equal(RunState.Running, (await coordinator.Fleet.GetRunAsync(new GetRunRequest { RunId = run.RunId })).State);
        Assert.Single(await coordinator.AllEventsAsync(0, "run.overdue"));
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

    [Theory]
    [InlineData(24)] // Not far enough to be suspected.
    [InlineData(24 * 30)]
    public async Task SetBack_NothingLiesInTheFuture_AndABackupThatStopsIsNoticed(int hours)
    {
        var clock = new FakeTimeProvider(Start);
        await using var coordinator = await TestCoordinator.StartAsync(clock);
        var nas = await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(TestPolicies.New(change: spec => spec.Freshness = Duration.FromTimeSpan(TimeSpan.FromHours(1))));
        await Trusted(coordinator).MayForgetAsync(default);

        clock.SetUtcNow(Start.AddHours(hours));
        await using (var session = await nas.OpenAsync())
        {
            await coordinator.StartAsync("photos");
            var command = await session.CommandAsync();
            await session.StartAsync(command);
            await session.FinishAsync(command);
        }

        await coordinator.EventAsync("host.disconnected");
        clock.SetUtcNow(Start);
        Assert.True(await Trusted(coordinator).MayForgetAsync(default));

        await Eventually.GetAsync(
            async () =>
            {
                clock.Advance(TimeSpan.FromMinutes(1));
                await coordinator.SettleAsync();
                return await coordinator.AllEventsAsync(0, "policy.stale", "host.offline");
            },
            static events => events.Select(fact => fact.Type).Distinct().Count() == 2,
            "both are told");
        Assert.InRange(clock.GetUtcNow(), Start, Start.AddHours(3));
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
