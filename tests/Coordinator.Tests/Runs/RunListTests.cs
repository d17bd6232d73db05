using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Tests.Runs;

public sealed class RunListTests
{
    [Fact]
    public async Task ListRuns_ResultsWithLongLists_KeepTheTotalsAndLeaveOutTheLists()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await using var session = await agent.OpenAsync();
        await coordinator.ApplyAsync(TestPolicies.New());
        await coordinator.StartAsync("photos");
        var command = await session.CommandAsync();
        await session.StartAsync(command);
        var finished = ScriptedSession.Finished(command);
        finished.Result.ZfsPrune = new ZfsPruneResult
        {
            PlannedTotal = 2,
            DestroyedTotal = 1,
            Decisions = { new RetentionDecision { Name = "tank/a@s0", Destroy = true }, new RetentionDecision { Name = "tank/a@s1" } },
            Destroyed = { new ZfsSnapshotInfo { Name = "tank/a@s0" } },
        };
        await session.SendAsync(agent.Entry(finished));
        await session.AcknowledgedAsync(agent.Sequence);
        var whole = await coordinator.RunAsync(command.RunId, RunState.Succeeded);

        var listed = Assert.Single((await coordinator.Fleet.ListRunsAsync(new ListRunsRequest())).Runs).Result.ZfsPrune;

        Assert.Equal((2, 1), (whole.Result.ZfsPrune.Decisions.Count, whole.Result.ZfsPrune.Destroyed.Count));
        Assert.Equal((2L, 1L, 0, 0), (listed.PlannedTotal, listed.DestroyedTotal, listed.Decisions.Count, listed.Destroyed.Count));
    }
}
