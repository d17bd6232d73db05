using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Fleet.Testing;

namespace Fleet.Coordinator.Tests.Hosts;

public sealed class HostTests
{
    [Fact]
    public async Task Offline_IsToldAfterAWhileAndOnce_AlsoAcrossARestart()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 12, 1, 12, 0, 0, TimeSpan.Zero));
        await using var coordinator = await TestCoordinator.StartAsync(clock);
        var agent = await coordinator.EnrolAsync("nas");
        await coordinator.EnrolAsync("never-seen");
        await using (await agent.OpenAsync())
        {
        }

        await coordinator.EventAsync("host.disconnected");
        clock.Advance(TimeSpan.FromSeconds(20));
        Assert.Empty(await coordinator.AllEventsAsync(0, "host.offline"));
        clock.Advance(TimeSpan.FromSeconds(20));
        await coordinator.EventAsync("host.offline");
        await coordinator.RestartAsync();
        clock.Advance(TimeSpan.FromMinutes(5));
        await coordinator.SettleAsync();

        Assert.Equal("nas", Assert.Single(await coordinator.AllEventsAsync(0, "host.offline")).HostName);
        var status = await coordinator.Fleet.GetStatusAsync(new GetStatusRequest());
        Assert.Equal("host_offline", status.Attention[0].Code);
        Assert.Equal((2, 0), (status.HostsTotal, status.HostsOnline));
        var hosts = await coordinator.Fleet.ListHostsAsync(new ListHostsRequest());
        Assert.Equal([HostState.Offline, HostState.NeverSeen], hosts.Hosts.Select(host => host.State));
    }

    [Fact]
    public async Task Offline_WhenTheCoordinatorWasAwayMeanwhile_IsToldToo()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 12, 1, 12, 0, 0, TimeSpan.Zero));
        await using var coordinator = await TestCoordinator.StartAsync(clock);
        var agent = await coordinator.EnrolAsync("nas");
        var session = await agent.OpenAsync();
        await coordinator.StopAsync();
        await session.DisposeAsync();
        await coordinator.BootAgainAsync();

        // Again and again: the first time may come before the watch over hosts has set its timer.
        await Eventually.GetAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(40));
                return coordinator.AllEventsAsync(0, "host.offline");
            },
            events => events.Count > 0,
            "an event host.offline");
    }

    [Fact]
    public async Task Labels_FromTheAgentsConfiguration_ChangeWhatAppliesToIt()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas", ("site", "home"));
        await coordinator.ApplyAsync(
            TestPolicies.New(change: spec => spec.Target = new PolicyTarget { MatchLabels = { ["role"] = "backup" } }));
        await using var first = await agent.OpenAsync();
        Assert.Empty((await first.AssignmentAsync()).Policies);

        await using var second = await agent.OpenAsync(hello => hello.Labels.Add("role", "backup"));

        Assert.Single((await second.AssignmentAsync()).Policies);
        var host = await coordinator.Fleet.GetHostAsync(new GetHostRequest { Host = agent.HostId });
        Assert.Equal(("home", "backup"), (host.Labels["site"], host.Labels["role"]));
        var matching = await coordinator.Fleet.ListHostsAsync(new ListHostsRequest { MatchLabels = { ["role"] = "backup" } });
        Assert.Single(matching.Hosts);
    }

    [Fact]
    public async Task StateError_IsShownUntilItIsGone()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await using var session = await agent.OpenAsync();

        await session.SendAsync(new AgentMessage { Heartbeat = new AgentHeartbeat { StateError = "no space left" } });
        await coordinator.EventAsync("agent.state_error");
        var status = await coordinator.Fleet.GetStatusAsync(new GetStatusRequest());
        Assert.Contains(status.Attention, item =>
            item.Code == "agent_state_error" && item.Message.Contains("no space left", StringComparison.Ordinal));
        await session.SendAsync(new AgentMessage { Heartbeat = new AgentHeartbeat() });

        await coordinator.EventAsync("agent.state_recovered");
        status = await coordinator.Fleet.GetStatusAsync(new GetStatusRequest());
        Assert.DoesNotContain(status.Attention, item => item.Code == "agent_state_error");
    }
}
