using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Fleet.Schedules;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Fleet.Coordinator.Tests.State.Runs;

public sealed class RunClaimsTests
{
    private static readonly DateTimeOffset Instant = new(2026, 11, 20, 4, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task ResultsForAnotherHostsInstants_AreToldAndNotStored()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        await coordinator.ApplyAsync(TestPolicies.New());
        var victim = await coordinator.EnrolAsync("victim");
        var attacker = await coordinator.EnrolAsync("attacker");
        await using var session = await attacker.OpenAsync();
        var claimed = Enumerable.Range(0, 12)
            .Select(hour => Instant.AddHours(hour))
            .Select(at => (At: at, Id: ScheduledRunId.Derive("photos", victim.HostId, at)))
            .ToList();

        foreach (var (at, id) in claimed)
        {
            await session.SendAsync(attacker.Entry(Finished(id, "photos", at)));
        }

        await session.AcknowledgedAsync(12);
        foreach (var (_, id) in claimed)
        {
            var missing = await Assert.ThrowsAsync<RpcException>(async () =>
                await coordinator.Fleet.GetRunAsync(new GetRunRequest { RunId = id }));
            Assert.Equal(StatusCode.NotFound, missing.StatusCode);
        }

        var told = await coordinator.AllEventsAsync(0, "host.claim_refused");
        Assert.Equal(["1", "10"], told.Select(fact => fact.Attributes["claims"]));
        Assert.All(told, fact => Assert.Equal(attacker.HostId, fact.HostId));
        Assert.Equal((claimed[0].Id, "photos"), (told[0].Attributes["run_id"], told[0].Attributes["policy"]));
    }

    [Fact]
    public async Task ResultOfARunOfAnotherHost_IsToldAndChangesNothing()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        await coordinator.ApplyAsync(TestPolicies.New());
        await coordinator.EnrolAsync("victim");
        var attacker = await coordinator.EnrolAsync("attacker");
        await using var session = await attacker.OpenAsync();
        var run = await coordinator.StartAsync("photos", "victim");

        await session.SendAsync(attacker.Entry(Finished(run.RunId, "photos", run.ScheduledAt.ToDateTimeOffset())));

        await session.AcknowledgedAsync(1);
        Assert.Equal(RunState.Queued, (await coordinator.Fleet.GetRunAsync(new GetRunRequest { RunId = run.RunId })).State);
        Assert.Contains("victim", (await coordinator.EventAsync("host.claim_refused")).Attributes["reason"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("an id that nobody gave", 0, false)]
    [InlineData("an instant far ahead", 30, true)]
    public async Task RunThatNobodyAskedFor_IsNotStored(string what, int daysAhead, bool derived)
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await using var session = await agent.OpenAsync();
        var at = TimeProvider.System.GetUtcNow().AddDays(daysAhead);
        var id = derived ? ScheduledRunId.Derive("photos", agent.HostId, at) : Guid.NewGuid().ToString("N");

        await session.SendAsync(
            agent.Entry(
                new RunStarted
                {
                    RunId = id,
                    Attempt = 1,
                    Policy = "photos",
                    ScheduledAt = Timestamp.FromDateTimeOffset(at),
                }));

        await session.AcknowledgedAsync(1);
        Assert.NotEmpty(what);
        Assert.Empty((await coordinator.Fleet.ListRunsAsync(new ListRunsRequest())).Runs);
        await coordinator.EventAsync("host.claim_refused");
    }

    [Fact]
    public async Task OwnInstant_FiredWhileCutOff_IsStored()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await using var session = await agent.OpenAsync();
        var id = ScheduledRunId.Derive("photos", agent.HostId, Instant);

        await session.SendAsync(agent.Entry(Finished(id, "photos", Instant)));

        await session.AcknowledgedAsync(1);
        await coordinator.RunAsync(id, RunState.Succeeded);
    }

    [Fact]
    public async Task Notice_ThatNamesAnotherHostsRun_DoesNotAppearThere()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        await coordinator.ApplyAsync(TestPolicies.New());
        await coordinator.EnrolAsync("victim");
        var attacker = await coordinator.EnrolAsync("attacker");
        await using var session = await attacker.OpenAsync();
        var run = await coordinator.StartAsync("photos", "victim");

        await session.SendAsync(
            attacker.Entry(
                new AgentNotice
                {
                    Code = "mount_left",
                    Message = "look",
                    Attributes = { ["run_id"] = run.RunId },
                }));

        Assert.Equal("", (await coordinator.EventAsync("agent.mount_left")).RunId);
    }

    private static RunFinished Finished(string id, string policy, DateTimeOffset at) => new()
    {
        RunId = id,
        Attempt = 1,
        Policy = policy,
        ScheduledAt = Timestamp.FromDateTimeOffset(at),
        Trigger = RunTrigger.AgentSchedule,
        Result = new ActionResult { Outcome = ActionOutcome.Succeeded, FinishedAt = Timestamp.FromDateTimeOffset(at) },
    };
}
