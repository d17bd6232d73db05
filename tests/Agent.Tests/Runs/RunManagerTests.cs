using Fleet.Agent.Actions;
using Fleet.Agent.Guard;
using Fleet.Agent.Journal;
using Fleet.Agent.Tests.Tools;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;
using Fleet.Testing;

namespace Fleet.Agent.Tests.Runs;

public sealed class RunManagerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private RunFixture _bench;

    public RunManagerTests() => _bench = new RunFixture(_folder.Path);

    public void Dispose()
    {
        _bench.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Submit_Command_StartsAndEndsOnceInOrder()
    {
        _bench.Runs.Submit(_bench.Command("a"));
        var finished = await _bench.ResultAsync("a");
        Assert.Equal(ActionOutcome.Succeeded, finished.Result.Outcome);
        Assert.Equal([OutboxEntry.KindOneofCase.RunStarted, OutboxEntry.KindOneofCase.RunFinished], _bench.Sent.Select(e => e.KindCase));
        Assert.NotNull(finished.Result.StartedAt);
        Assert.NotNull(finished.Result.FinishedAt);
    }

    [Fact]
    public async Task Submit_SameAttemptAgain_RunsOnceAndResultGoesOutAgain()
    {
        var release = _bench.Action.Block();
        _bench.Runs.Submit(_bench.Command("a"));
        await Eventually.TrueAsync(() => _bench.Action.Started.Count == 1, "it runs");
        _bench.Runs.Submit(_bench.Command("a"));
        release.SetResult();
        await _bench.ResultAsync("a");
        await Eventually.TrueAsync(() => _bench.Runs.Active.Count == 0, "it is over");
        _bench.Outbox.Acknowledge(_bench.Outbox.LastSequence);
        Assert.Empty(_bench.Sent);

        _bench.Runs.Submit(_bench.Command("a"));
        _bench.Runs.Submit(_bench.Command("a"));
        Assert.Equal(ActionOutcome.Succeeded, Assert.Single(_bench.Results).Result.Outcome);
        Assert.Single(_bench.Action.Started);

        // Another attempt of the same run is another matter.
        _bench.Runs.Submit(_bench.Command("a", attempt: 2));
        await _bench.ResultAsync("a", attempt: 2);
        Assert.Equal(2, _bench.Action.Started.Count);
    }

    [Fact]
    public async Task Submit_AttemptThatBeganBeforeAndIsForgotten_IsLostAndDoesNotRunAgain()
    {
        var command = _bench.Command("a");
        command.BeganBefore = true;

        _bench.Runs.Submit(command);

        var finished = await _bench.ResultAsync("a");
        Assert.Equal(ActionOutcome.Interrupted, finished.Result.Outcome);
        Assert.Contains("the result is lost", finished.Result.Message, StringComparison.Ordinal);
        Assert.Empty(_bench.Action.Started);

        // Asked again, it has one answer.
        _bench.Runs.Submit(command);
        Assert.Single(_bench.Results);
    }

    [Fact]
    public async Task Submit_AfterRestart_KnownAttemptDoesNotRunAgain()
    {
        _bench.Runs.Submit(_bench.Command("a"));
        await _bench.ResultAsync("a");
        await Eventually.TrueAsync(() => _bench.Runs.Active.Count == 0, "it is over");
        _bench = _bench.Restart();
        _bench.Runs.Submit(_bench.Command("a"));
        Assert.Single(_bench.Results);
        Assert.Empty(_bench.Action.Started);
    }

    [Fact]
    public async Task Recover_StartedWithoutEnd_IsInterruptedOnceAndRetryable()
    {
        _bench.Action.Block();
        _bench.Runs.Submit(_bench.Command("a"));
        await Eventually.TrueAsync(() => _bench.Action.Started.Count == 1, "it runs");
        _bench = _bench.Restart();
        var finished = Assert.Single(_bench.Results);
        Assert.Equal((ActionOutcome.Interrupted, true, "p"), (finished.Result.Outcome, finished.Result.Retryable, finished.Policy));
        _bench = _bench.Restart();
        Assert.Single(_bench.Results);
    }

    [Fact]
    public async Task Submit_MoreThanTheLimit_WaitsAndExpiresByThisHostsClock()
    {
        var release = _bench.Action.Block();
        var waits = 0;
        _bench.Runs.Waits += () => Interlocked.Increment(ref waits);
        _bench.Runs.Submit(_bench.Command("a"));
        _bench.Runs.Submit(_bench.Command("b"));
        Assert.Equal((0, false), (waits, _bench.Runs.AnyWaits));
        _bench.Runs.Submit(_bench.Command("c", expiresIn: TimeSpan.FromMinutes(1)));
        _bench.Runs.Submit(_bench.Command("d"));
        await Eventually.TrueAsync(() => _bench.Action.Started.Count == 2, "two run");
        Assert.Equal(4, _bench.Runs.Active.Count);
        Assert.Equal((2, true), (waits, _bench.Runs.AnyWaits));
        _bench.Clock.Advance(TimeSpan.FromMinutes(2));

        // Who looks because something waits is not woken by looking.
        _bench.Runs.Tick();
        Assert.Equal(2, waits);
        Assert.Equal(ActionOutcome.Skipped, (await _bench.ResultAsync("c")).Result.Outcome);
        release.SetResult();
        await _bench.ResultAsync("d");
        Assert.Equal(3, _bench.Action.Started.Count);
    }

    [Fact]
    public async Task Submit_AlreadyExpired_IsSkipped()
    {
        _bench.Runs.Submit(_bench.Command("late", expiresIn: TimeSpan.FromMinutes(-1)));
        Assert.Equal(ActionOutcome.Skipped, (await _bench.ResultAsync("late")).Result.Outcome);
        Assert.Empty(_bench.Action.Started);
    }

    [Fact]
    public async Task Submit_AlreadyExpiredByAClockThatIsAhead_SaysSo()
    {
        _bench.CoordinatorClock.Observe(_bench.Clock.GetUtcNow() - TimeSpan.FromHours(26));
        _bench.Runs.Submit(_bench.Command("late", expiresIn: TimeSpan.FromHours(-25)));

        var skipped = (await _bench.ResultAsync("late")).Result;

        Assert.Equal(ActionOutcome.Skipped, skipped.Outcome);
        Assert.StartsWith(
            "the run reached the host after its time had passed; this host's clock is 26 h ahead of the coordinator's",
            skipped.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Submit_GuardRefuses_ResultNamesTheRuleAndNothingStarts()
    {
        _bench.Guard.Decision = new GuardDecision { Allowed = false, Rule = "guard.yaml:3: rule", Message = "not here" };
        _bench.Runs.Submit(_bench.Command("a"));
        var finished = await _bench.ResultAsync("a");
        Assert.Equal(
            (ActionOutcome.Refused, "guard.yaml:3: rule", false),
            (finished.Result.Outcome, finished.Result.RefusedBy, finished.Result.Retryable));
        Assert.Equal(RefusalSource.Guard, finished.Result.RefusalSource);
        Assert.Equal("guard_refused", _bench.Sent[0].Notice.Code);
        Assert.Empty(_bench.Action.Started);
    }

    [Fact]
    public async Task Submit_SafetyRuleRefuses_IsNotToldAsTheGuards()
    {
        _bench.Action.Do = (_, _) => Task.FromResult(ToolOutcome.RefusedAsUnsafe("rsync safety rule \"free space\"", "full"));
        _bench.Runs.Submit(_bench.Command("a"));

        var finished = await _bench.ResultAsync("a");

        Assert.Equal((ActionOutcome.Refused, RefusalSource.SafetyRule), (finished.Result.Outcome, finished.Result.RefusalSource));
        Assert.Equal("safety_refused", Assert.Single(_bench.Sent, e => e.Notice is not null).Notice.Code);
    }

    [Fact]
    public async Task Cancel_RunningAndWaiting_BothEndAsCancelled()
    {
        _bench.Settings.MaxConcurrent = 1;
        _bench.Action.Block();
        _bench.Runs.Submit(_bench.Command("a"));
        _bench.Runs.Submit(_bench.Command("b"));
        await Eventually.TrueAsync(() => _bench.Action.Started.Count == 1, "one runs");
        _bench.Runs.Cancel("b", "operator\nanna");
        _bench.Runs.Cancel("a", "operator anna");
        Assert.Equal(ActionOutcome.Cancelled, (await _bench.ResultAsync("a")).Result.Outcome);
        var waiting = await _bench.ResultAsync("b");
        Assert.Equal(ActionOutcome.Cancelled, waiting.Result.Outcome);
        Assert.DoesNotContain('\n', waiting.Result.Message);
    }

    [Fact]
    public async Task Stop_RunningAttempt_IsInterruptedAndRetryable()
    {
        _bench.Action.Block();
        _bench.Runs.Submit(_bench.Command("a"));
        await Eventually.TrueAsync(() => _bench.Action.Started.Count == 1, "it runs");
        await _bench.Runs.StopAsync().WaitAsync(TimeSpan.FromSeconds(60));
        var finished = Assert.Single(_bench.Results);
        Assert.Equal((ActionOutcome.Interrupted, true), (finished.Result.Outcome, finished.Result.Retryable));
    }

    [Fact]
    public async Task Run_ActionThrows_FailsWithOneResult()
    {
        _bench.Action.Do = (_, _) => throw new InvalidDataException("a bug");
        _bench.Runs.Submit(_bench.Command("a"));
        var finished = await _bench.ResultAsync("a");
        Assert.Equal(ActionOutcome.Failed, finished.Result.Outcome);
        Assert.Contains("a bug", finished.Result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_FloodOfLines_IsSampledAndResultHasTheTail()
    {
        _bench.Action.Do = (context, _) =>
        {
            for (var i = 1; i <= 5000; i++)
            {
                context.Log.Line(LogStream.Stdout, System.Text.Encoding.UTF8.GetBytes($"line {i}"));
            }

            context.Log.Line(LogStream.Stderr, [0xff, (byte)'x']);
            return Task.FromResult(new ActionResult { Outcome = ActionOutcome.Succeeded });
        };
        _bench.Runs.Submit(_bench.Command("a"));
        var finished = await _bench.ResultAsync("a");
        Assert.Equal(100, finished.Result.LogTail.Count);
        Assert.Equal((5001, "\uFFFDx"), (finished.Result.LogTail[^1].Number, finished.Result.LogTail[^1].Text));
        Assert.InRange(_bench.Sink.Lines.Sum(l => l.Lines.Count), 1, 501);
    }

    [Fact]
    public async Task Run_RealTool_ProcessIsJournaledAndCarriesTheMark()
    {
        var output = new RecordingOutput();
        _bench.Action.Do = async (context, token) =>
        {
            await context.Tools.RunAsync(
                new ToolRequest { Program = "sh", Arguments = ["-c", "echo $FLEET_RUN; exec sleep 1000"] }, output, token);
            return new ActionResult { Outcome = ActionOutcome.Cancelled };
        };
        _bench.Runs.Submit(_bench.Command("abc"));
        Assert.Equal($"{RunIds.Of("abc")}/1", await output.WaitForAsync(l => l.Length > 0));
        Assert.Single(Assert.Single(_bench.Journal.Unfinished()).Processes);
        _bench.Runs.Cancel("abc", "");
        await _bench.ResultAsync("abc");
    }

    [Fact]
    public async Task Disk_Full_NothingStartsResultsAreKeptAndMetricsGoFirst()
    {
        using var disk = await SmallDisk.MountAsync(3);
        using var bench = new RunFixture(disk.Path, reserveBytes: 1024 * 1024);
        bench.Ledger.Retry();
        Assert.False(bench.Ledger.WantsRetry);
        var failed = 0;
        bench.Ledger.Failed += () => failed++;
        for (var i = 0; i < 20; i++)
        {
            bench.Backlog.Add(new MetricBatch());
        }

        // Larger than what is left in the last page of a file.
        var large = new string('x', 9000);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        bench.Action.Do = async (_, token) =>
        {
            await release.Task.WaitAsync(token);
            return new ActionResult { Outcome = ActionOutcome.Succeeded, Message = large };
        };
        bench.Runs.Submit(bench.Command("running"));
        await Eventually.TrueAsync(() => bench.Action.Started.Count == 1, "it runs");
        disk.Fill();
        FillLastPage(bench);
        bench.Runs.Submit(bench.Command("late"));
        await Eventually.TrueAsync(() => bench.Ledger.StateError.Length > 0, "the full disk is noticed");
        Assert.Single(bench.Action.Started);
        release.SetResult();
        Assert.Equal(ActionOutcome.Succeeded, (await bench.ResultAsync("running")).Result.Outcome);
        Assert.Null(bench.Backlog.ReadAfter(0));
        Assert.Equal(20, bench.Backlog.TakeDropped());
        bench.Ledger.Retry();
        bench.Runs.Tick();
        Assert.Single(bench.Action.Started);

        // Said once; from then on it is looked at for as long as it is wanted.
        Assert.Equal(1, failed);
        Assert.True(bench.Ledger.WantsRetry);

        disk.MakeRoom();
        bench.Ledger.Retry();
        Assert.Equal("", bench.Ledger.StateError);
        Assert.False(bench.Ledger.WantsRetry);
        bench.Runs.Tick();
        Assert.Equal(ActionOutcome.Succeeded, (await bench.ResultAsync("late")).Result.Outcome);
    }

    /// <summary>What is left in the last page of the journal's file can still be written on a full disk.</summary>
    private static void FillLastPage(RunFixture bench)
    {
        try
        {
            while (true)
            {
                bench.Journal.AddProcess(new RunKey(RunIds.Of("running"), 1), new StartedProcess(1, 1));
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }
}
