using Fleet.Coordinator.State.Policies;
using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Fleet.Testing;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.Tests.State.Policies;

public sealed class ProtectionTests
{
    private static readonly DateTimeOffset Noon = new(2026, 12, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(30, null, false, ProtectionState.Pending)]
    [InlineData(61, null, false, ProtectionState.NeverRan)]
    [InlineData(30, null, true, ProtectionState.Failing)]
    [InlineData(61, null, true, ProtectionState.NeverRan)]
    [InlineData(500, 30, false, ProtectionState.Ok)]
    [InlineData(500, 30, true, ProtectionState.Failing)]
    [InlineData(500, 61, false, ProtectionState.Stale)]
    [InlineData(500, 61, true, ProtectionState.Stale)]
    public void StateOf_EachCase_IsAsPromised(int assignedMinutesAgo, int? successMinutesAgo, bool lastFailed, ProtectionState expected)
    {
        var spec = TestPolicies.New(change: s => s.Freshness = Duration.FromTimeSpan(TimeSpan.FromHours(1)));

        var state = ProtectionRules.StateOf(
            spec, Noon.AddMinutes(-assignedMinutesAgo), successMinutesAgo is { } ago ? Noon.AddMinutes(-ago) : null, lastFailed, Noon);

        Assert.Equal(expected, state);
        spec.Paused = true;
        Assert.Equal(ProtectionState.Paused, ProtectionRules.StateOf(spec, Noon, null, lastFailed, Noon));
    }

    [Fact]
    public void StateOf_OnDemandPolicy_NeverGoesStale() =>
        Assert.Equal(ProtectionState.Ok, ProtectionRules.StateOf(TestPolicies.New(), Noon.AddYears(-9), Noon.AddYears(-8), false, Noon));

    [Fact]
    public async Task NeverRan_IsToldOnceWhileTheHostIsAway_AlsoAcrossARestart()
    {
        var clock = new FakeTimeProvider(Noon);
        await using var coordinator = await TestCoordinator.StartAsync(clock);
        await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(TestPolicies.Every(TimeSpan.FromMinutes(15)));

        await TellsAsync(coordinator, clock, "policy.never_ran", TimeSpan.FromMinutes(10));
        await coordinator.RestartAsync();
        for (var i = 0; i < 20; i++)
        {
            clock.Advance(TimeSpan.FromMinutes(10));
            await coordinator.SettleAsync();
        }

        Assert.Single(await coordinator.AllEventsAsync(0, "policy.never_ran"));
        var status = await coordinator.Fleet.GetStatusAsync(new GetStatusRequest());
        var attention = Assert.Single(status.Attention, item => item.Code == "policy_never_ran");
        Assert.Equal(AttentionSeverity.Critical, attention.Severity);
        Assert.NotEmpty(attention.WhatToDo);
    }

    [Fact]
    public async Task Transitions_EachIsToldOnce()
    {
        var clock = new FakeTimeProvider(Noon);
        await using var coordinator = await TestCoordinator.StartAsync(clock);
        var agent = await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(TestPolicies.New(change: spec =>
        {
            spec.Freshness = Duration.FromTimeSpan(TimeSpan.FromHours(1));
            spec.Retry = new RetryPolicy { MaxAttempts = 1 };
        }));
        await using (var session = await agent.OpenAsync())
        {
            await RunOnceAsync(coordinator, session, ActionOutcome.Failed);
            await RunOnceAsync(coordinator, session, ActionOutcome.Failed);
            await RunOnceAsync(coordinator, session, ActionOutcome.Succeeded);
            await RunOnceAsync(coordinator, session, ActionOutcome.Succeeded);
        }

        // The agent is gone; the coordinator's own clock tells.
        await TellsAsync(coordinator, clock, "policy.stale", TimeSpan.FromMinutes(10));

        var told = await coordinator.AllEventsAsync(0, "policy.failing", "policy.recovered", "policy.stale", "policy.never_ran");
        Assert.Equal(["policy.failing", "policy.recovered", "policy.stale"], told.Select(fact => fact.Type));
        Assert.All(told, fact => Assert.Equal("nas", fact.HostName));
    }

    [Theory]
    [InlineData(
        RefusalSource.SafetyRule,
        "rsync safety rule \"free space\"",
        "rsync safety rule \"free space\" stopped it, not the guard file of nas",
        "safety_rule"
    )]
    [InlineData(
        RefusalSource.Unspecified,
        "rsync safety rule \"filled source\"",
        "rsync safety rule \"filled source\" stopped it",
        "safety_rule"
    )]
    [InlineData(RefusalSource.Guard, "/etc/fleet/guard.yaml:3: rsync.destinations", "the guard file on nas refuses it", "guard")]
    [InlineData(RefusalSource.Unspecified, "/etc/fleet/guard.yaml:3: rsync.destinations", "the guard file on nas refuses it", "guard")]
    public async Task Refused_StatusAndEvent_NameWhoRefused(RefusalSource source, string rule, string whatToDo, string attribute)
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(TestPolicies.New());
        await using var session = await agent.OpenAsync();
        await coordinator.StartAsync("photos");
        var command = await session.CommandAsync();
        await session.StartAsync(command);

        await session.FinishAsync(command, ActionOutcome.Refused, r =>
            (r.RefusalSource, r.RefusedBy, r.Message) = (source, rule, "only 0 bytes are free"));

        var refused = await coordinator.EventAsync("run.refused");
        Assert.Equal((rule, attribute), (refused.Attributes["refused_by"], refused.Attributes["refusal_source"]));
        var status = await coordinator.Fleet.GetStatusAsync(new GetStatusRequest());
        var attention = Assert.Single(status.Attention, a => a.Policy == "photos");
        Assert.Contains("only 0 bytes are free", attention.Message, StringComparison.Ordinal);
        Assert.StartsWith(whatToDo, attention.WhatToDo, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DryRun_ProvesNothing()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(TestPolicies.New());
        await using var session = await agent.OpenAsync();
        await RunOnceAsync(coordinator, session, ActionOutcome.Failed);
        var real = Assert.Single((await coordinator.Fleet.ListRunsAsync(new ListRunsRequest())).Runs);
        await coordinator.Fleet.StartRunAsync(
            new StartRunRequest
            {
                Policy = "photos",
                RequestId = Guid.NewGuid().ToString(),
                DryRun = true,
            });
        var command = await session.CommandAsync();
        Assert.True(command.Action.Rsync.DryRun);
        await session.StartAsync(command);
        await session.FinishAsync(command);

        var policy = await coordinator.Fleet.GetPolicyAsync(new GetPolicyRequest { Name = "photos" });

        Assert.Equal((ProtectionState.Failing, real.RunId), (Assert.Single(policy.Hosts).State, policy.Hosts[0].LastRunId));
        var status = await coordinator.Fleet.GetStatusAsync(new GetStatusRequest());
        Assert.Equal((0, 1), (status.RunsSucceeded24H, status.RunsFailed24H));
    }

    [Fact]
    public async Task PolicyThatIsADryRun_NeverCountsAsProtected()
    {
        var clock = new FakeTimeProvider(Noon);
        await using var coordinator = await TestCoordinator.StartAsync(clock);
        var agent = await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(TestPolicies.New("photos", spec =>
        {
            spec.Action.Rsync.DryRun = true;
            spec.Freshness = Duration.FromTimeSpan(TimeSpan.FromHours(1));
        }));
        await using (var session = await agent.OpenAsync())
        {
            await RunOnceAsync(coordinator, session, ActionOutcome.Succeeded);
        }

        await TellsAsync(coordinator, clock, "policy.never_ran", TimeSpan.FromMinutes(10));

        var attention = (await coordinator.Fleet.GetStatusAsync(new GetStatusRequest())).Attention;
        Assert.Contains(attention, a =>
            a is { Code: "policy_never_ran", Policy: "photos" } && a.WhatToDo.Contains("dry_run", StringComparison.Ordinal));
    }

    private static async Task RunOnceAsync(TestCoordinator coordinator, ScriptedSession session, ActionOutcome outcome)
    {
        await coordinator.StartAsync("photos");
        var command = await session.CommandAsync();
        await session.StartAsync(command);
        await session.FinishAsync(command, outcome);
    }

    private static Task<List<Event>> TellsAsync(TestCoordinator coordinator, FakeTimeProvider clock, string type, TimeSpan step) =>
        Eventually.GetAsync(
            async () =>
            {
                clock.Advance(step);
                await coordinator.SettleAsync();
                return await coordinator.AllEventsAsync(0, type);
            },
            events => events.Count > 0,
            type);
}
