using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Fleet.Schedules;
using Fleet.Testing;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.Tests.Policies;

public sealed class ScheduleTests
{
    private static readonly DateTimeOffset Noon = new(2026, 12, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Schedule_WhileTheHostIsAway_HasOneWaitingRun()
    {
        var clock = new FakeTimeProvider(Noon);
        await using var coordinator = await TestCoordinator.StartAsync(clock);
        var agent = await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(TestPolicies.Every(TimeSpan.FromMinutes(15)));

        // The first instant that finds the schedule at work: the clock may have been moved on before it was.
        var runs = await RunsAsync(coordinator, clock, TimeSpan.FromMinutes(15), found => found.Count == 1);
        var first = runs[0].ScheduledAt.ToDateTimeOffset();
        for (var i = 0; i < 8; i++)
        {
            runs = await RunsAsync(coordinator, clock, TimeSpan.FromMinutes(15), _ => true);
        }

        var run = Assert.Single(runs);
        Assert.Equal((first, 0L), (run.ScheduledAt.ToDateTimeOffset(), (first - Noon).Ticks % TimeSpan.FromMinutes(15).Ticks));
        Assert.Equal(ScheduledRunId.Derive("photos", agent.HostId, first), run.RunId);
        Assert.Equal(RunState.Queued, run.State);
        Assert.Equal("host is offline", run.WaitingFor);
    }

    [Fact]
    public async Task Start_AfterHoursOfDowntime_QueuesTheNewestMissedInstantAlone()
    {
        var clock = new FakeTimeProvider(Noon);
        await using var coordinator = await TestCoordinator.StartAsync(clock);
        await coordinator.EnrolAsync("nas");
        await coordinator.EnrolAsync("pve");
        await coordinator.ApplyAsync(TestPolicies.Every(TimeSpan.FromMinutes(15)));
        await coordinator.StopAsync();
        clock.Advance(TimeSpan.FromHours(3) + TimeSpan.FromMinutes(5));
        await coordinator.BootAgainAsync();

        var runs = await RunsAsync(coordinator, clock, TimeSpan.FromMilliseconds(10), found => found.Count >= 2);

        Assert.Equal(2, runs.Count);
        Assert.All(runs, run => Assert.Equal(Noon.AddHours(3), run.ScheduledAt.ToDateTimeOffset()));
        Assert.Equal(["nas", "pve"], runs.Select(run => run.HostName).Order());
        Assert.Equal(2, (await coordinator.AllEventsAsync(0, "run.queued")).Count);
    }

    [Fact]
    public async Task Start_WhenTheNewestMissedInstantIsOfNoUseAnyMore_QueuesNothing()
    {
        var clock = new FakeTimeProvider(Noon);
        await using var coordinator = await TestCoordinator.StartAsync(clock);
        await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(TestPolicies.Every(
            TimeSpan.FromHours(1), change: spec => spec.ExpireAfter = Duration.FromTimeSpan(TimeSpan.FromMinutes(1))));
        await coordinator.StopAsync();
        clock.Advance(TimeSpan.FromHours(2) + TimeSpan.FromMinutes(30));
        await coordinator.BootAgainAsync();

        // The next instant is the first that is heard of.
        var runs = await RunsAsync(coordinator, clock, TimeSpan.FromSeconds(30), found => found.Count > 0);

        Assert.Equal(Noon.AddHours(3), Assert.Single(runs).ScheduledAt.ToDateTimeOffset());
    }

    [Fact]
    public async Task Schedule_Changed_CountsFromNow()
    {
        var clock = new FakeTimeProvider(Noon.AddMinutes(50));
        await using var coordinator = await TestCoordinator.StartAsync(clock);
        await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(TestPolicies.Every(TimeSpan.FromDays(30)));
        clock.Advance(TimeSpan.FromMinutes(5));
        await coordinator.ApplyAsync(TestPolicies.Every(TimeSpan.FromHours(1)));

        var runs = await RunsAsync(coordinator, clock, TimeSpan.FromMinutes(1), found => found.Count > 0);

        Assert.Equal(Noon.AddHours(1), Assert.Single(runs).ScheduledAt.ToDateTimeOffset());
    }

    [Fact]
    public async Task Paused_NeverRunsByItself()
    {
        var clock = new FakeTimeProvider(Noon);
        await using var coordinator = await TestCoordinator.StartAsync(clock);
        await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(
            TestPolicies.Every(TimeSpan.FromMinutes(1), "paused", spec => spec.Paused = true),
            TestPolicies.Every(TimeSpan.FromMinutes(5), "active"));

        var runs = await RunsAsync(coordinator, clock, TimeSpan.FromMinutes(1), found => found.Count > 0);

        Assert.Equal("active", Assert.Single(runs).Policy);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ClockSetBack_DoesNotSilenceTheSchedule(bool restarted)
    {
        var clock = new FakeTimeProvider(Noon);
        await using var coordinator = await TestCoordinator.StartAsync(clock);
        await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(TestPolicies.Every(TimeSpan.FromMinutes(15)));
        clock.SetUtcNow(Noon.AddDays(365));
        await RunsAsync(coordinator, clock, TimeSpan.FromSeconds(10), found => found.Count == 1);
        var run = (await coordinator.Fleet.ListRunsAsync(new ListRunsRequest())).Runs[0];
        await coordinator.Fleet.CancelRunAsync(new CancelRunRequest { RunId = run.RunId });
        if (restarted)
        {
            await coordinator.StopAsync();
        }

        clock.SetUtcNow(Noon);
        if (restarted)
        {
            await coordinator.BootAgainAsync();
        }

        // A schedule that comes up late takes the newest instant that it missed, and not each of them.
        var runs = await RunsAsync(coordinator, clock, TimeSpan.FromMinutes(1), found => found.Count == 2);

        // A machine that is slow may come up past the first quarter.
        Assert.Contains(runs, found =>
            found.ScheduledAt.ToDateTimeOffset() is var at && at > Noon && at < Noon.AddDays(1) && at.Minute % 15 == 0);
    }

    [Fact]
    public async Task ScheduledRun_WhileThePreviousOneRuns_IsSkippedWithItsReason()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await using var session = await agent.OpenAsync();
        await coordinator.ApplyAsync(TestPolicies.Every(TimeSpan.FromSeconds(1)));
        var command = await session.CommandAsync();
        await session.StartAsync(command);

        var skipped = await coordinator.EventAsync("run.skipped");

        Assert.Contains(command.RunId[..8], skipped.Message, StringComparison.Ordinal);
        await session.FinishAsync(command);
        await session.CommandAsync();
    }

    [Fact]
    public async Task RunThatTheAgentFired_IsTakenAndNotQueuedAgain()
    {
        var clock = new FakeTimeProvider(Noon);
        await using var coordinator = await TestCoordinator.StartAsync(clock);
        var agent = await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(TestPolicies.Every(TimeSpan.FromMinutes(15)));
        await coordinator.StopAsync();
        var instant = Noon.AddMinutes(15);
        clock.Advance(TimeSpan.FromMinutes(14));
        await coordinator.BootAgainAsync();
        var command = new RunCommand
        {
            RunId = ScheduledRunId.Derive("photos", agent.HostId, instant),
            Attempt = 1,
            Policy = "photos",
            PolicyRevision = 1,
            ScheduledAt = Timestamp.FromDateTimeOffset(instant),
            Trigger = RunTrigger.AgentSchedule,
        };
        await using var session = await agent.OpenAsync();
        await session.StartAsync(command);
        await session.FinishAsync(command);

        var run = await coordinator.RunAsync(command.RunId, RunState.Succeeded);
        Assert.Equal(RunTrigger.AgentSchedule, run.Trigger);
        await RunsAsync(coordinator, clock, TimeSpan.FromMinutes(2), found => clock.GetUtcNow() > instant.AddMinutes(10));
        Assert.Single((await coordinator.Fleet.ListRunsAsync(new ListRunsRequest())).Runs);
        Assert.Equal(["run.started", "run.succeeded"], (await coordinator.AllEventsAsync(0, "run.*")).Select(fact => fact.Type));
    }

    /// <summary>Moves the clock step by step, letting grains do what is due, until something holds of all runs.</summary>
    internal static Task<List<Run>> RunsAsync(
        TestCoordinator coordinator,
        FakeTimeProvider clock,
        TimeSpan step,
        Func<List<Run>, bool> until
    ) =>
        Eventually.GetAsync(
            async () =>
            {
                clock.Advance(step);
                await coordinator.SettleAsync();
                return (await coordinator.Fleet.ListRunsAsync(new ListRunsRequest())).Runs.ToList();
            },
            until,
            "the runs");
}
