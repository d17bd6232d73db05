using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Fleet.Testing;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Fleet.Coordinator.Tests.Runs;

public sealed class RunTests
{
    private static readonly DateTimeOffset Noon = new(2026, 12, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task RetryableFailure_IsRepeatedUntilAttemptsAreUsedUp()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(QuickRetries(3));
        await using var session = await agent.OpenAsync();
        var run = await coordinator.StartAsync("photos");

        for (var attempt = 1; attempt <= 3; attempt++)
        {
            var command = await session.CommandAsync();
            Assert.Equal((run.RunId, attempt), (command.RunId, command.Attempt));
            await session.StartAsync(command);

            // An agent that died counts as worth a repetition, whatever it says.
            await session.FinishAsync(command, attempt == 1 ? ActionOutcome.Interrupted : ActionOutcome.Failed, retryable: attempt != 1);
        }

        await coordinator.RunAsync(run.RunId, RunState.Failed);
        Assert.Equal(
            ["run.queued", "run.started", "run.retrying", "run.started", "run.retrying", "run.started", "run.failed"],
            (await coordinator.AllEventsAsync(0, "run.*")).Select(fact => fact.Type));
    }

    [Fact]
    public async Task ResultOfEachAttempt_IsKeptOnce_TheNewestWithTheRun()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(QuickRetries(3));
        await using var session = await agent.OpenAsync();
        var run = await coordinator.StartAsync("photos");
        foreach (var message in new[] { "first", "second" })
        {
            var command = await session.CommandAsync();
            await session.StartAsync(command);
            await session.FinishAsync(command, ActionOutcome.Failed, result => (result.Message, result.Retryable) = (message, true));
        }

        var third = await session.CommandAsync();
        await session.StartAsync(third);
        await session.FinishAsync(third, ActionOutcome.Succeeded, result => result.Message = "third");

        Assert.Equal("third", (await coordinator.RunAsync(run.RunId, RunState.Succeeded)).Result.Message);
        Assert.Equal(["1 first", "2 second", "3 -"], await coordinator.Store.ReadAsync(reader => reader.Query(
            "SELECT attempt, result_proto FROM run_attempts WHERE run_id = $id ORDER BY attempt",
            static row => $"{row.GetInt32(0)} {(row.IsDBNull(1) ? "-" : ActionResult.Parser.ParseFrom(row.GetFieldValue<byte[]>(1)).Message)}",
            ("$id", run.RunId))));
    }

    [Theory]
    [InlineData(ActionOutcome.Failed, false, RunState.Failed)]
    [InlineData(ActionOutcome.TimedOut, false, RunState.TimedOut)]
    [InlineData(ActionOutcome.Refused, true, RunState.Refused)]
    [InlineData(ActionOutcome.Skipped, false, RunState.Skipped)]
    [InlineData(ActionOutcome.SucceededWithWarnings, false, RunState.Succeeded)]
    [InlineData((ActionOutcome)99, false, RunState.Failed)]
    public async Task Outcome_NotWorthARepetition_IsFinal(ActionOutcome outcome, bool retryable, RunState expected)
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(QuickRetries(3));
        await using var session = await agent.OpenAsync();
        var run = await coordinator.StartAsync("photos");
        var command = await session.CommandAsync();
        await session.StartAsync(command);

        await session.FinishAsync(command, outcome, retryable);

        await coordinator.RunAsync(run.RunId, expected);
    }

    [Fact]
    public async Task StartRun_SameRequestAgain_StartsNothingNew()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(TestPolicies.New());
        var request = new StartRunRequest { Policy = "photos", RequestId = Guid.NewGuid().ToString() };

        var first = await coordinator.Fleet.StartRunAsync(request);
        await coordinator.RestartAsync();
        var second = await coordinator.Fleet.StartRunAsync(request);
        request.Hosts.Add("nas");
        var error = await Assert.ThrowsAsync<RpcException>(async () => await coordinator.Fleet.StartRunAsync(request));

        Assert.Equal(first.Runs[0].RunId, Assert.Single(second.Runs).RunId);
        Assert.Equal("REQUEST_ID_REUSED", error.Trailers.GetValue("fleet-reason"));
        Assert.Single((await coordinator.Fleet.ListRunsAsync(new ListRunsRequest())).Runs);
    }

    [Fact]
    public async Task StartRun_BeyondTheQueuesBound_IsRefusedAndStartsNothing()
    {
        await using var coordinator = await TestCoordinator.StartAsync(configure: options => options with { QueuePerHost = 1 });
        await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(TestPolicies.New(), TestPolicies.New("music"));
        await coordinator.StartAsync("photos");

        var error = await Assert.ThrowsAsync<RpcException>(() => coordinator.StartAsync("music"));

        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
        Assert.Equal("QUEUE_FULL", error.Trailers.GetValue("fleet-reason"));
        Assert.Single((await coordinator.Fleet.ListRunsAsync(new ListRunsRequest())).Runs);
    }

    [Fact]
    public async Task StartRun_OnAHostThatThePolicyDoesNotApplyTo_SaysSo()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        await coordinator.EnrolAsync("nas");
        await coordinator.EnrolAsync("pve");
        await coordinator.ApplyAsync(TestPolicies.New(change: spec => spec.Target = new PolicyTarget { Hosts = { "nas" } }));

        var error = await Assert.ThrowsAsync<RpcException>(() => coordinator.StartAsync("photos", "pve"));

        Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
        Assert.Contains("does not apply to pve", error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ManualRun_OfAHostThatIsAway_ExpiresOnce()
    {
        var clock = new FakeTimeProvider(Noon);
        await using var coordinator = await TestCoordinator.StartAsync(clock);
        await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(TestPolicies.New(change: spec => spec.ExpireAfter = Duration.FromTimeSpan(TimeSpan.FromMinutes(10))));
        var run = await coordinator.StartAsync("photos");

        clock.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal(RunState.Queued, (await coordinator.Fleet.GetRunAsync(new GetRunRequest { RunId = run.RunId[..6] })).State);
        clock.Advance(TimeSpan.FromMinutes(2));

        await coordinator.RunAsync(run.RunId, RunState.Expired);
        Assert.Single(await coordinator.AllEventsAsync(0, "run.expired"));
    }

    [Fact]
    public async Task Cancel_WaitingRun_EndsItAtOnce()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(TestPolicies.New());
        var run = await coordinator.StartAsync("photos");

        var answer = await coordinator.Fleet.CancelRunAsync(new CancelRunRequest { RunId = run.RunId, Reason = "wrong disk" });

        Assert.Equal(RunState.Cancelled, answer.Run.State);
        Assert.Contains("wrong disk", answer.Run.Result.Message, StringComparison.Ordinal);
        var again = await Assert.ThrowsAsync<RpcException>(
            async () => await coordinator.Fleet.CancelRunAsync(new CancelRunRequest { RunId = run.RunId }));
        Assert.Equal("WRONG_STATE", again.Trailers.GetValue("fleet-reason"));
    }

    [Fact]
    public async Task Cancel_RunningRun_IsFinalWhenTheAgentSaysSo_AlsoAcrossAnInterruption()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(QuickRetries(3));
        var session = await agent.OpenAsync();
        var run = await coordinator.StartAsync("photos");
        var command = await session.CommandAsync();
        await session.StartAsync(command);

        var answer = await coordinator.Fleet.CancelRunAsync(new CancelRunRequest { RunId = run.RunId });
        Assert.Equal(RunState.Running, answer.Run.State);
        await session.WaitAsync(message => message.KindCase == CoordinatorMessage.KindOneofCase.Cancel);
        await session.DisposeAsync();

        // It was cut off before it could tell: it is asked again, and a failure is no reason to start anew.
        await using var second = await agent.OpenAsync(hello => hello.Running.Add(new RunAttempt { RunId = run.RunId, Attempt = 1 }));
        var cancel = await second.WaitAsync(message => message.KindCase == CoordinatorMessage.KindOneofCase.Cancel);
        Assert.Equal(run.RunId, cancel.Cancel.RunId);
        await second.FinishAsync(command, ActionOutcome.Failed, retryable: true);
        await coordinator.RunAsync(run.RunId, RunState.Cancelled);
    }

    [Fact]
    public async Task ManualRun_WhileThePreviousOneRuns_WaitsItsTurn()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(TestPolicies.New());
        await using var session = await agent.OpenAsync();
        await coordinator.StartAsync("photos");
        var first = await session.CommandAsync();
        await session.StartAsync(first);

        var second = await coordinator.StartAsync("photos");
        var third = await coordinator.StartAsync("photos");

        Assert.NotEqual(first.RunId, second.RunId);
        Assert.Equal(second.RunId, third.RunId);
        var waiting = await coordinator.Fleet.GetRunAsync(new GetRunRequest { RunId = second.RunId });
        Assert.Contains(first.RunId[..8], waiting.WaitingFor, StringComparison.Ordinal);
        await session.FinishAsync(first);
        Assert.Equal(second.RunId, (await session.CommandAsync()).RunId);
    }

    [Fact]
    public async Task WatchRun_SeesStateProgressLogAndEnd()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(TestPolicies.New());
        await using var session = await agent.OpenAsync();
        var run = await coordinator.StartAsync("photos");
        var command = await session.CommandAsync();
        using var watch = coordinator.Fleet.WatchRun(new WatchRunRequest { RunId = run.RunId });
        using var limit = new CancellationTokenSource(Eventually.Limit);
        var seen = new List<WatchRunResponse>();
        async Task UntilAsync(Func<WatchRunResponse, bool> which)
        {
            do
            {
                Assert.True(await watch.ResponseStream.MoveNext(limit.Token));
                seen.Add(watch.ResponseStream.Current);
            }
            while (!which(watch.ResponseStream.Current));
        }

        await UntilAsync(response => response.Run is { State: RunState.Dispatched });
        await session.StartAsync(command);
        await UntilAsync(response => response.Run is { State: RunState.Running });
        await session.SendAsync(new AgentMessage
        {
            Progress = new RunProgressUpdate { RunId = run.RunId, Attempt = 1, Progress = new RunProgress { Percent = 42 } },
        });
        await UntilAsync(response => response.Progress is { Percent: 42 });
        Assert.Equal(42, (await coordinator.Fleet.GetRunAsync(new GetRunRequest { RunId = run.RunId })).Progress.Percent);
        var lines = new RunLogLines { RunId = run.RunId };
        lines.Lines.Add(new LogLine { Number = 1, Attempt = 1, Text = "one", Stream = LogStream.Stdout });
        lines.Lines.Add(new LogLine { Number = 3, Attempt = 1, Text = "three", Stream = LogStream.Stderr });
        await session.SendAsync(new AgentMessage { Log = lines });
        await UntilAsync(response => response.Log is { Number: 3 });
        await session.FinishAsync(command);
        await UntilAsync(response => response.Run is { State: RunState.Succeeded });
        Assert.False(await watch.ResponseStream.MoveNext(limit.Token));

        Assert.Equal([1L, 3L], seen.Where(response => response.Log is not null).Select(response => response.Log.Number));
        var log = await coordinator.Fleet.ListRunLogAsync(new ListRunLogRequest { RunId = run.RunId });
        Assert.Equal(["one", "three"], log.Lines.Select(line => line.Text));
        Assert.Equal(1, log.OmittedLines);
    }

    [Fact]
    public async Task RunLog_BeyondItsBound_KeepsTheFirstAndTheNewestLines()
    {
        await using var coordinator = await TestCoordinator.StartAsync(
            configure: options => options with { Reloadable = options.Reloadable with { LogLinesPerRun = 200 } });
        var agent = await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(TestPolicies.New());
        await using var session = await agent.OpenAsync();
        var run = await coordinator.StartAsync("photos");
        await session.StartAsync(await session.CommandAsync());
        for (var number = 1; number <= 1000; number += 100)
        {
            var lines = new RunLogLines { RunId = run.RunId };
            lines.Lines.AddRange(Enumerable.Range(number, 100).Select(i => new LogLine { Number = i, Attempt = 1, Text = $"line {i}" }));
            await session.SendAsync(new AgentMessage { Log = lines });
        }

        var log = await Eventually.GetAsync(
            async () => await coordinator.Fleet.ListRunLogAsync(new ListRunLogRequest { RunId = run.RunId, PageSize = 1000 }),
            found => found.Lines.Count > 0 && found.Lines[^1].Number == 1000,
            "the last line");

        Assert.Equal(200, log.Lines.Count);
        Assert.Equal(
            Enumerable.Range(1, 100).Concat(Enumerable.Range(901, 100)).Select(i => (long)i),
            log.Lines.Select(line => line.Number));
        Assert.Equal(800, log.OmittedLines);
    }

    [Fact]
    public async Task Host_SpeaksForItsOwnRunsOnly()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var nas = await coordinator.EnrolAsync("nas");
        var evil = await coordinator.EnrolAsync("evil");
        await coordinator.ApplyAsync(TestPolicies.New(change: spec => spec.Target = new PolicyTarget { Hosts = { "nas" } }));
        await using var session = await nas.OpenAsync();
        await using var other = await evil.OpenAsync();
        var run = await coordinator.StartAsync("photos");
        var command = await session.CommandAsync();
        await session.StartAsync(command);

        await other.FinishAsync(command);

        Assert.Equal(RunState.Running, (await coordinator.Fleet.GetRunAsync(new GetRunRequest { RunId = run.RunId })).State);
    }

    [Fact]
    public async Task ListRuns_PageByPage_GivesEachOnceNewestFirst()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        for (var i = 0; i < 7; i++)
        {
            await coordinator.EnrolAsync($"host{i}");
        }

        await coordinator.ApplyAsync(TestPolicies.New(), TestPolicies.New("music"));
        foreach (var policy in (string[])["photos", "music"])
        {
            await coordinator.Fleet.StartRunAsync(new StartRunRequest { Policy = policy, RequestId = Guid.NewGuid().ToString() });
        }

        var seen = new List<Run>();
        var request = new ListRunsRequest { PageSize = 3, Policy = "music", States = { RunState.Queued } };
        do
        {
            var page = await coordinator.Fleet.ListRunsAsync(request);
            seen.AddRange(page.Runs);
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);

        Assert.Equal(7, seen.Select(run => run.RunId).Distinct().Count());
        Assert.Equal(7, seen.Count);
        Assert.All(seen, run => Assert.Equal("music", run.Policy));
        Assert.Single((await coordinator.Fleet.ListRunsAsync(new ListRunsRequest { Host = "host3", Policy = "photos" })).Runs);
        var error = await Assert.ThrowsAsync<RpcException>(
            async () => await coordinator.Fleet.ListRunsAsync(new ListRunsRequest { PageToken = "nonsense" }));
        Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
    }

    private static PolicySpec QuickRetries(int attempts) => TestPolicies.New(change: spec => spec.Retry = new RetryPolicy
    {
        MaxAttempts = attempts,
        InitialBackoff = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(10)),
        MaxBackoff = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(20)),
    });
}
