using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Fleet.Testing;

namespace Fleet.Coordinator.Tests.State.Hosts;

/// <summary>A host gets its runs whatever the coordinator lacks of what the agent once told.</summary>
public sealed class OutboxGapTests
{
    [Fact]
    public async Task EnrolledAnew_OverAnOldOutbox_GetsItsRunsAndItsResultsCount()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        await coordinator.ApplyAsync(TestPolicies.New());
        var agent = await coordinator.EnrolAsync("x2");
        agent.Sequence = 500;

        // Everything up to 500 was acknowledged to an earlier identity.
        await using var session = await agent.OpenAsync(hello => hello.OutboxId = agent.OutboxId);
        Assert.Equal(500, session.Welcome.AcknowledgedSequence);
        Assert.Equal(agent.OutboxId, session.Welcome.AcknowledgedOutboxId);
        await FinishOneAsync(coordinator, session, "x2");

        var gap = await coordinator.EventAsync("host.outbox_gap");
        Assert.Equal(EventSeverity.Info, gap.Severity);
        Assert.Equal(("1", "500"), (gap.Attributes["from"], gap.Attributes["to"]));
        Assert.DoesNotContain((await coordinator.Fleet.GetStatusAsync(new GetStatusRequest())).Attention, item =>
            item.Code == "outbox_gap");
    }

    [Fact]
    public async Task EnrolledAnew_WithEntriesThatWait_TakesTheseFirst()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        await coordinator.ApplyAsync(TestPolicies.New());
        var agent = await coordinator.EnrolAsync("x2");
        agent.Sequence = 500;
        var waits = agent.Entry(new AgentNotice { Code = "configuration_reloaded", Message = "waits" });
        await using var session = await agent.OpenAsync(hello =>
        {
            hello.OutboxId = agent.OutboxId;
            hello.OutboxFirstSequence = 501;
        });
        Assert.Equal(500, session.Welcome.AcknowledgedSequence);

        await session.SendAsync(waits);
        await session.AcknowledgedAsync(501);
        await FinishOneAsync(coordinator, session, "x2");
        await coordinator.EventAsync("agent.configuration_reloaded");
    }

    [Fact]
    public async Task StoreOfABackup_AsksForTheResultAgain_AndTellsTheGap()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        await coordinator.ApplyAsync(TestPolicies.New());
        var agent = await coordinator.EnrolAsync("nas");
        string runId;
        RunCommand command;
        await using (var before = await agent.OpenAsync(hello => hello.OutboxId = agent.OutboxId))
        {
            runId = (await coordinator.StartAsync("photos", "nas")).RunId;
            command = await before.CommandAsync();
            await before.StartAsync(command);
            await coordinator.RunAsync(runId, RunState.Running);
        }

        // What came after the backup was acknowledged, and is gone on both sides: the end of the run, and 40 entries more.
        agent.Sequence += 41;
        await using var after = await agent.OpenAsync(hello => hello.OutboxId = agent.OutboxId);

        var again = await after.CommandAsync();
        Assert.Equal((command.RunId, 1, true), (again.RunId, again.Attempt, again.BeganBefore));
        await after.FinishAsync(again);
        await coordinator.RunAsync(runId, RunState.Succeeded);
        var gap = await coordinator.EventAsync("host.outbox_gap");
        Assert.Equal(EventSeverity.Error, gap.Severity);
        Assert.Equal(("2", "42"), (gap.Attributes["from"], gap.Attributes["to"]));
        var status = await coordinator.Fleet.GetStatusAsync(new GetStatusRequest());
        Assert.Equal("nas", Assert.Single(status.Attention, item => item.Code == "outbox_gap").HostName);
        await FinishOneAsync(coordinator, after, "nas");
    }

    [Fact]
    public async Task StateDirectoryOfTheAgentLost_RunWithoutARecord_IsAskedForAndNotBegunAgain()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        await coordinator.ApplyAsync(TestPolicies.New("photos", spec => spec.Retry = new RetryPolicy { MaxAttempts = 1 }));
        var agent = await coordinator.EnrolAsync("nas");
        string runId;
        await using (var before = await agent.OpenAsync(hello => hello.OutboxId = agent.OutboxId))
        {
            runId = (await coordinator.StartAsync("photos", "nas")).RunId;
            await before.StartAsync(await before.CommandAsync());
            await coordinator.RunAsync(runId, RunState.Running);
        }

        agent.OutboxId = Guid.NewGuid().ToString("N");
        agent.Sequence = 0;
        agent.PreviousSessionId = "";
        await using var after = await agent.OpenAsync(hello => hello.OutboxId = agent.OutboxId);

        var again = await after.CommandAsync();
        Assert.True(again.BeganBefore);
        await after.SendAsync(agent.Entry(ScriptedSession.Finished(again, ActionOutcome.Interrupted)));
        await coordinator.RunAsync(runId, RunState.Interrupted);
        var gap = await coordinator.EventAsync("host.outbox_gap");
        Assert.Equal(("2", ""), (gap.Attributes["from"], gap.Attributes["to"]));
        await FinishOneAsync(coordinator, after, "nas");
    }

    [Fact]
    public async Task AgentPutBackToAnOlderState_ItsNewEntriesAreTaken()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        await coordinator.ApplyAsync(TestPolicies.New());
        var agent = await coordinator.EnrolAsync("nas");
        await using (var before = await agent.OpenAsync(hello => hello.OutboxId = agent.OutboxId))
        {
            await FinishOneAsync(coordinator, before, "nas");
        }

        // Two entries are acknowledged; the disk that came back holds one, and knows an older session.
        agent.Sequence = 1;
        agent.PreviousSessionId = "older";
        await using var after = await agent.OpenAsync(hello => hello.OutboxId = agent.OutboxId);
        Assert.Equal(1, after.Welcome.AcknowledgedSequence);
        await FinishOneAsync(coordinator, after, "nas");
    }

    [Fact]
    public async Task AgentThatDoesNotSayWhatItHolds_GetsItsRunsAfterAWhile()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero));
        await using var coordinator = await TestCoordinator.StartAsync(clock);
        await coordinator.ApplyAsync(TestPolicies.New());
        var agent = await coordinator.EnrolAsync("old");
        agent.Sequence = 500;
        await using var session = await agent.OpenAsync();
        var run = await coordinator.StartAsync("photos", "old");
        await session.AssignmentAsync();

        var command = session.CommandAsync();
        while (!command.IsCompleted)
        {
            await session.HeartbeatAsync();
            clock.Advance(TimeSpan.FromSeconds(5));
            await Task.WhenAny(command, Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System));
        }

        Assert.Equal(run.RunId, (await command).RunId);
    }

    private static async Task FinishOneAsync(TestCoordinator coordinator, ScriptedSession session, string host)
    {
        var run = await coordinator.StartAsync("photos", host);
        var command = (await session.WaitAsync(message => message.Run?.RunId == run.RunId)).Run;
        await session.StartAsync(command);
        await session.FinishAsync(command);
        await coordinator.RunAsync(run.RunId, RunState.Succeeded);
    }
}
