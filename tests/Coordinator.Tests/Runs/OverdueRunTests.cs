using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.Tests.Runs;

public sealed class OverdueRunTests
{
    [Fact]
    public async Task RunBeyondItsTimeOnAConnectedHost_IsToldAndCancelledAndEndsAsTimedOut()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(OneMinute());
        await using var session = await agent.OpenAsync();
        var run = await coordinator.StartAsync("photos");
        var command = await session.CommandAsync();

        await StartAsync(agent, session, command, before: TimeSpan.FromMinutes(7));

        var cancel = await session.WaitAsync(message => message.KindCase == CoordinatorMessage.KindOneofCase.Cancel);
        Assert.Equal(run.RunId, cancel.Cancel.RunId);
        Assert.Contains("time limit", cancel.Cancel.Reason, StringComparison.Ordinal);
        var attention = Assert.Single((await coordinator.Fleet.GetStatusAsync(new GetStatusRequest())).Attention, item =>
            item.Code == "run_overdue");
        Assert.Equal((run.RunId, AttentionSeverity.Critical), (attention.RunId, attention.Severity));

        // The agent obeys at last. It is no cancellation that anybody wanted, so it counts as a failure.
        await session.FinishAsync(command, ActionOutcome.Cancelled);
        await coordinator.RunAsync(run.RunId, RunState.TimedOut);
        Assert.Equal(
            ["run.queued", "run.started", "run.overdue", "run.timed_out"],
            (await coordinator.AllEventsAsync(0, "run.*")).Select(fact => fact.Type));
        Assert.DoesNotContain((await coordinator.Fleet.GetStatusAsync(new GetStatusRequest())).Attention, item =>
            item.Code == "run_overdue");
    }

    [Fact]
    public async Task RunWithinItsTime_OnAHostWhoseClockIsHoursBehind_IsLeftAlone()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var behind = TimeSpan.FromHours(-3);
        var slow = await coordinator.EnrolAsync("slow");
        await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(OneMinute());
        await using var slowSession = await slow.OpenAsync(hello => hello.SentAt += Duration.FromTimeSpan(behind));
        var run = await coordinator.StartAsync("photos", "slow");
        var command = await slowSession.CommandAsync();
        await StartAsync(slow, slowSession, command, before: -behind);

        // Another one, which is found overdue, shows that the first one was looked at.
        var nas = await coordinator.EnrolAsync("other");
        await using var session = await nas.OpenAsync();
        var late = await coordinator.StartAsync("photos", "other");
        await StartAsync(nas, session, await session.CommandAsync(), before: TimeSpan.FromMinutes(7));
        await session.WaitAsync(message => message.KindCase == CoordinatorMessage.KindOneofCase.Cancel);

        Assert.Equal([late.RunId], (await coordinator.AllEventsAsync(0, "run.overdue")).Select(fact => fact.RunId));
        Assert.Equal(RunState.Running, (await coordinator.Fleet.GetRunAsync(new GetRunRequest { RunId = run.RunId })).State);
    }

    private static PolicySpec OneMinute() =>
        TestPolicies.New(change: spec => spec.Timeout = Duration.FromTimeSpan(TimeSpan.FromMinutes(1)));

    private static async Task StartAsync(ScriptedAgent agent, ScriptedSession session, RunCommand command, TimeSpan before)
    {
        var started = ScriptedSession.Started(command);
        started.StartedAt = command.ScheduledAt - Duration.FromTimeSpan(before);
        await session.SendAsync(agent.Entry(started));
        await session.AcknowledgedAsync(agent.Sequence);
    }
}
