using Fleet.Coordinator.Limits;
using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Fleet.Schedules;
using Fleet.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Fleet.Coordinator.Tests.Limits;

/// <summary>What becomes of what a host sends beyond its budgets, through a real session.</summary>
public sealed class OverBudgetTests
{
    [Fact]
    public async Task Notices_BeyondTheBudget_AreLeftOutAndAcknowledged_AndToldOnce()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await using var session = await agent.OpenAsync();
        await session.SendAsync(agent.Entry(new AgentNotice { Code = "before", Message = "taken" }));
        await session.AcknowledgedAsync(agent.Sequence);
        Exhaust(coordinator, agent);

        for (var i = 0; i < 50; i++)
        {
            await session.SendAsync(agent.Entry(new AgentNotice { Code = "flood", Message = new string('x', 2_000) }));
        }

        await session.AcknowledgedAsync(agent.Sequence);
        Assert.Empty(await coordinator.AllEventsAsync(0, "agent.flood"));
        Assert.Single(await coordinator.AllEventsAsync(0, "agent.before"));
        var told = Assert.Single(await coordinator.AllEventsAsync(0, "host.over_budget"));
        Assert.Equal("durable", told.Attributes["budget"]);
        var status = await coordinator.Fleet.GetStatusAsync(new GetStatusRequest());
        Assert.Contains(status.Attention, item =>
            item.Code == "host_over_budget" && item.HostName == "nas" && item.Message.Contains("(50 so far)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ResultOfARealRun_BeyondTheBudget_IsKeptWithoutDetails()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(TestPolicies.New());
        await using var session = await agent.OpenAsync();
        var run = await coordinator.StartAsync("photos");
        var command = await session.CommandAsync();
        Exhaust(coordinator, agent);

        await session.StartAsync(command);
        var finished = ScriptedSession.Finished(command);
        finished.Result.Details.AddRange(Enumerable.Repeat("a file that could not be read", 50));
        finished.Result.LogTail.Add(new LogLine { Number = 1, Text = "output" });
        await session.SendAsync(agent.Entry(finished));

        var ended = await coordinator.RunAsync(run.RunId, RunState.Succeeded);
        Assert.Equal("test: Succeeded", ended.Result.Message);
        Assert.Empty(ended.Result.LogTail);
        Assert.Contains("left out", Assert.Single(ended.Result.Details), StringComparison.Ordinal);
        Assert.Equal(50, ended.Result.DetailsTotal);
    }

    [Fact]
    public async Task RunsThatNobodyKnows_BeyondTheBudget_AreLeftOut_ButThoseOfASchedule()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(TestPolicies.New());
        await using var session = await agent.OpenAsync();
        Exhaust(coordinator, agent);
        var at = TimeProvider.System.GetUtcNow().AddMinutes(-5);
        var scheduled = ScheduledRunId.Derive("photos", agent.HostId, at);

        await session.SendAsync(agent.Entry(Finished(Guid.NewGuid().ToString("N"), at)));
        await session.SendAsync(agent.Entry(Finished(scheduled, at)));

        await session.AcknowledgedAsync(agent.Sequence);
        var runs = await coordinator.Fleet.ListRunsAsync(new ListRunsRequest());
        Assert.Equal(scheduled, Assert.Single(runs.Runs).RunId);
    }

    [Fact]
    public async Task LogLines_TooFast_AreLeftOut_AndShowAsAJumpAndOneEvent()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(TestPolicies.New());
        await using var session = await agent.OpenAsync();
        var run = await coordinator.StartAsync("photos");
        var command = await session.CommandAsync();
        await session.StartAsync(command);

        const int Lines = 50_000;
        for (var first = 1; first <= Lines; first += 500)
        {
            var message = new AgentMessage { Log = new RunLogLines { RunId = run.RunId } };
            message.Log.Lines.AddRange(
                Enumerable
                    .Range(first, 500)
                    .Select(number => new LogLine
                    {
                        Attempt = 1,
                        Number = number,
                        Text = $"line {number}",
                    }));
            await session.SendAsync(message);
        }

        await session.FinishAsync(command);

        var told = await coordinator.EventAsync("host.over_budget");
        Assert.Equal("log_lines", told.Attributes["budget"]);
        var log = await Eventually.GetAsync(
            async () => await coordinator.Fleet.ListRunLogAsync(new ListRunLogRequest { RunId = run.RunId, PageSize = 1_000 }),
            page => page.Lines.Count == 1_000 && page.NextPageToken.Length > 0,
            "a log with more than a page");
        Assert.Equal("line 1", log.Lines[0].Text);
        var stored = await coordinator.Store.ReadAsync(reader => reader.Number("SELECT count(*) FROM run_log"));
        Assert.InRange(stored, 1_000, Lines / 2);
        Assert.Equal(stored, await coordinator.Store.ReadAsync(reader => reader.Number("SELECT log_lines FROM runs WHERE log_lines > 0")));
        Assert.Single(await coordinator.AllEventsAsync(0, "host.over_budget"));
    }

    [Fact]
    public async Task ListRuns_LargeResults_EndsEachPageWithinAMessage()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await using var session = await agent.OpenAsync();
        var at = TimeProvider.System.GetUtcNow().AddMinutes(-5);
        for (var i = 0; i < 60; i++)
        {
            var finished = Finished(ScheduledRunId.Derive("photos", agent.HostId, at.AddSeconds(-i)), at.AddSeconds(-i));
            finished.Result.Details.AddRange(Enumerable.Repeat(new string('d', 1_000), 100));
            await session.SendAsync(agent.Entry(finished));
        }

        await session.AcknowledgedAsync(agent.Sequence);
        var request = new ListRunsRequest { PageSize = 1_000 };
        var ids = new HashSet<string>();
        var pages = 0;
        do
        {
            var page = await coordinator.Fleet.ListRunsAsync(request);
            Assert.All(page.Runs, run => Assert.True(ids.Add(run.RunId)));
            request.PageToken = page.NextPageToken;
            pages++;
        }
        while (request.PageToken.Length > 0);

        Assert.Equal(60, ids.Count);
        Assert.InRange(pages, 2, 10);
    }

    [Fact]
    public async Task Sessions_OneAfterTheOther_AreRefusedBeyondTheBudget()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        var budget = coordinator.Services.GetRequiredService<HostBudgets>().Of(agent.HostId);
        while (budget.TrySession())
        {
        }

        await using var session = agent.Start();

        Assert.Equal(Grpc.Core.StatusCode.ResourceExhausted, (await session.EndAsync()).StatusCode);
        Assert.Equal("sessions", (await coordinator.EventAsync("host.over_budget")).Attributes["budget"]);
    }

    private static RunFinished Finished(string runId, DateTimeOffset at) => new()
    {
        RunId = runId,
        Attempt = 1,
        Policy = "photos",
        ScheduledAt = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(at),
        Result = new ActionResult { Outcome = ActionOutcome.Succeeded },
    };

    private static void Exhaust(TestCoordinator coordinator, ScriptedAgent agent)
    {
        var budget = coordinator.Services.GetRequiredService<HostBudgets>().Of(agent.HostId);
        while (budget.TryDurable(4_096))
        {
        }
    }
}
