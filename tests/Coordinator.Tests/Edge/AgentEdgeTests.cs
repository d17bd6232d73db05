using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Fleet.Coordinator.Tests.Edge;

/// <summary>What a host may send and what becomes of it, over a real session.</summary>
public sealed class AgentEdgeTests
{
    [Theory]
    [InlineData("/../../../../etc/passwd", 1, "photos")]
    [InlineData("00112233445566778899aabbccddeeff", int.MinValue, "photos")]
    [InlineData("00112233445566778899aabbccddeeff", 1, "../evil\n")]
    public async Task Entry_OfWhichNothingCanBeUsed_IsAcknowledgedAndTold(string runId, int attempt, string policy)
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("web1");
        await using var session = await agent.OpenAsync();

        await session.SendAsync(
            agent.Entry(
                new RunFinished
                {
                    RunId = runId,
                    Attempt = attempt,
                    Policy = policy,
                    Result = new ActionResult(),
                }));
        await session.AcknowledgedAsync(agent.Sequence);

        var told = await coordinator.EventAsync("agent.message_refused");
        Assert.Equal((EventSeverity.Warning, "web1"), (told.Severity, told.HostName));
        Assert.Contains("run_finished.", told.Message, StringComparison.Ordinal);
        Assert.Empty((await coordinator.Fleet.ListRunsAsync(new ListRunsRequest())).Runs);
    }

    [Fact]
    public async Task Result_WithTimesOutOfRange_IsKeptWithoutThemAndSaysSo()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("web1");
        await using var session = await agent.OpenAsync();
        await coordinator.ApplyAsync(TestPolicies.New());
        var run = await coordinator.StartAsync("photos");
        var command = await session.CommandAsync();
        await session.StartAsync(command);
        var finished = ScriptedSession.Finished(command);
        finished.Result.FinishedAt = new Timestamp { Seconds = long.MaxValue };
        finished.Result.Duration = new Duration { Seconds = 1, Nanos = -1 };
        finished.Result.LogTail.Add(
            new LogLine
            {
                Number = 1,
                Text = "kept \u001b as printed",
                At = new Timestamp { Nanos = int.MinValue },
            });
        finished.Result.Message = "one\ntwo";

        await session.SendAsync(agent.Entry(finished));
        await session.AcknowledgedAsync(agent.Sequence);

        var ended = await coordinator.Fleet.GetRunAsync(new GetRunRequest { RunId = run.RunId });
        Assert.Equal(RunState.Succeeded, ended.State);
        Assert.Null(ended.Result.Duration);
        Assert.Null(ended.Result.LogTail[0].At);
        Assert.Equal("kept \u001b as printed", ended.Result.LogTail[0].Text);
        Assert.Equal("one\uFFFDtwo", ended.Result.Message);
        Assert.Contains(
            "run_finished.result.log_tail[0].at: is outside of 1970 to 2200",
            Assert.Single(ended.Result.Details),
            StringComparison.Ordinal);
        Assert.NotEmpty(JsonFormatter.Default.Format(ended));
    }

    [Fact]
    public async Task Entry_WithASequenceThatIsNone_EndsTheSessionWithTheReason()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("web1");
        await using var session = await agent.OpenAsync();

        await session.SendAsync(
            new OutboxEntry
            {
                OutboxId = agent.OutboxId,
                Sequence = long.MinValue,
                Notice = new AgentNotice { Code = "x" },
            });

        var end = await session.EndAsync();
        Assert.Equal(StatusCode.InvalidArgument, end.StatusCode);
        Assert.Contains("outbox.sequence", end.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hello_WithAClockOutOfRange_IsRefusedAsSkew()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("web1");
        await using var session = agent.Start(hello => hello.SentAt = new Timestamp { Seconds = long.MaxValue });

        var end = await session.EndAsync();

        Assert.Equal((StatusCode.FailedPrecondition, "CLOCK_SKEW"), (end.StatusCode, end.Trailers.GetValue("fleet-reason")));
    }

    [Fact]
    public async Task Hello_WithLabelsThatAreNone_KeepsTheOthers()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("web1");
        await using var session = await agent.OpenAsync(hello =>
        {
            hello.Labels["site"] = "attic";
            hello.Labels["bad key\n"] = "x";
            hello.Labels["long"] = new string('x', 300);
            hello.AgentVersion = "1\u001b[2J" + new string('9', 10_000);
        });

        var host = await coordinator.Fleet.GetHostAsync(new GetHostRequest { Host = "web1" });
        Assert.Equal("attic", Assert.Single(host.Labels).Value);
        Assert.Equal(256, host.AgentVersion.Length);
        Assert.DoesNotContain('\u001b', host.AgentVersion);
    }

    [Fact]
    public async Task StoredResult_OfAnEarlierRelease_SpoilsNoList()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        await coordinator.EnrolAsync("web1");
        await coordinator.ApplyAsync(TestPolicies.New());
        var run = await coordinator.StartAsync("photos");
        var poison = new ActionResult
        {
            LogTail = { new LogLine { At = new Timestamp { Seconds = long.MinValue } } },
            StartedAt = new Timestamp { Seconds = 1, Nanos = -5 },
        };
        await coordinator.Store.WriteAsync(transaction =>
            transaction.Execute(
                "UPDATE runs SET result_proto = $result, started_at = $at, finished_at = $at WHERE run_id = $id",
                ("$result", poison.ToByteArray()),
                ("$at", long.MaxValue),
                ("$id", run.RunId)));

        var listed = Assert.Single((await coordinator.Fleet.ListRunsAsync(new ListRunsRequest())).Runs);

        Assert.Equal(run.RunId, listed.RunId);
        Assert.NotEmpty(JsonFormatter.Default.Format(listed));
    }

    [Fact]
    public async Task Request_WithAnInstantThatIsNone_IsRefusedWithItsField()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var thrown = await Assert.ThrowsAsync<RpcException>(async () =>
            await coordinator.Fleet.ListRunsAsync(new ListRunsRequest { Since = new Timestamp { Seconds = long.MaxValue } }));
        Assert.Equal(StatusCode.InvalidArgument, thrown.StatusCode);
        Assert.StartsWith("since:", thrown.Status.Detail, StringComparison.Ordinal);

        // The year 1, which is how some languages write "always".
        await coordinator.Fleet.ListRunsAsync(new ListRunsRequest { Since = new Timestamp { Seconds = -62_135_596_800 } });
    }
}
