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
    private RunFixture _fixture;

    public RunManagerTests() => _fixture = new RunFixture(_folder.Path);

    public void Dispose()
    {
        _fixture.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Submit_Command_StartsAndEndsOnceInOrder()
    {
        _fixture.Runs.Submit(_fixture.Command("a"));
        var finished = await _fixture.ResultAsync("a");
        Assert.Equal(ActionOutcome.Succeeded, finished.Result.Outcome);
        Assert.Equal([OutboxEntry.KindOneofCase.RunStarted, OutboxEntry.KindOneofCase.RunFinished], _fixture.Sent.Select(e => e.KindCase));
        Assert.NotNull(finished.Result.StartedAt);
        Assert.NotNull(finished.Result.FinishedAt);
    }

    [Fact]
    public async Task Submit_SameAttemptAgain_RunsOnceAndResultGoesOutAgain()
    {
        var release = _fixture.Action.Block();
        _fixture.Runs.Submit(_fixture.Command("a"));
        await Eventually.TrueAsync(() => _fixture.Action.Started.Count == 1, "it runs");
        _fixture.Runs.Submit(_fixture.Command("a"));
        release.SetResult();
        await _fixture.ResultAsync("a");
        await Eventually.TrueAsync(() => _fixture.Runs.Active.Count == 0, "it is over");
        _fixture.Outbox.Acknowledge(_fixture.Outbox.LastSequence);
        Assert.Empty(_fixture.Sent);

        _fixture.Runs.Submit(_fixture.Command("a"));
        _fixture.Runs.Submit(_fixture.Command("a"));
        Assert.Equal(ActionOutcome.Succeeded, Assert.Single(_fixture.Results).Result.Outcome);
        Assert.Single(_fixture.Action.Started);

        // Another attempt of the same run is another matter.
        _fixture.Runs.Submit(_fixture.Command("a", attempt: 2));
        await _fixture.ResultAsync("a", attempt: 2);
        Assert.Equal(2, _fixture.Action.Started.Count);
    }

    [Fact]
    public async Task Submit_AttemptThatBeganBeforeAndIsForgotten_IsLostAndDoesNotRunAgain()
    {
        var command = _fixture.Command("a");
        command.BeganBefore = true;

        _fixture.Runs.Submit(command);

        var finished = await _fixture.ResultAsync("a");
        Assert.Equal(ActionOutcome.Interrupted, finished.Result.Outcome);
        Assert.Contains("the result is lost", finished.Result.Message, StringComparison.Ordinal);
        Assert.Empty(_fixture.Action.Started);

        // Asked again, it has one answer.
        _fixture.Runs.Submit(command);
        Assert.Single(_fixture.Results);
    }

    [Fact]
    public async Task Submit_AfterRestart_KnownAttemptDoesNotRunAgain()
    {
        _fixture.Runs.Submit(_fixture.Command("a"));
        await _fixture.ResultAsync("a");
        await Eventually.TrueAsync(() => _fixture.Runs.Active.Count == 0, "it is over");
        _fixture = _fixture.Restart();
        _fixture.Runs.Submit(_fixture.Command("a"));
        Assert.Single(_fixture.Results);
        Assert.Empty(_fixture.Action.Started);
    }

    [Fact]
    public async Task Recover_StartedWithoutEnd_IsInterruptedOnceAndRetryable()
    {
        _fixture.Action.Block();
        _fixture.Runs.Submit(_fixture.Command("a"));
        await Eventually.TrueAsync(() => _fixture.Action.Started.Count == 1, "it runs");
        _fixture = _fixture.Restart();
        var finished = Assert.Single(_fixture.Results);
        Assert.Equal((ActionOutcome.Interrupted, true, "p"), (finished.Result.Outcome, finished.Result.Retryable, finished.Policy));
        _fixture = _fixture.Restart();
        Assert.Single(_fixture.Results);
    }

    [Fact]
    public async Task Submit_MoreThanTheLimit_WaitsAndExpiresByThisHostsClock()
    {
        var release = _fixture.Action.Block();
        var waits = 0;
        _fixture.Runs.Waits += () => Interlocked.Increment(ref waits);
        _fixture.Runs.Submit(_fixture.Command("a"));
        _fixture.Runs.Submit(_fixture.Command("b"));
        Assert.Equal((0, false), (waits, _fixture.Runs.AnyWaits));
        _fixture.Runs.Submit(_fixture.Command("c", expiresIn: TimeSpan.FromMinutes(1)));
        _fixture.Runs.Submit(_fixture.Command("d"));
        await Eventually.TrueAsync(() => _fixture.Action.Started.Count == 2, "two run");
        Assert.Equal(4, _fixture.Runs.Active.Count);
        Assert.Equal((2, true), (waits, _fixture.Runs.AnyWaits));
        _fixture.Clock.Advance(TimeSpan.FromMinutes(2));

        // Who looks because something waits is not woken by looking.
        _fixture.Runs.Tick();
        Assert.Equal(2, waits);
        Assert.Equal(ActionOutcome.Skipped, (await _fixture.ResultAsync("c")).Result.Outcome);
        release.SetResult();
        await _fixture.ResultAsync("d");
        Assert.Equal(3, _fixture.Action.Started.Count);
    }

    [Fact]
    public async Task Submit_AlreadyExpired_IsSkipped()
    {
        _fixture.Runs.Submit(_fixture.Command("late", expiresIn: TimeSpan.FromMinutes(-1)));
        Assert.Equal(ActionOutcome.Skipped, (await _fixture.ResultAsync("late")).Result.Outcome);
        Assert.Empty(_fixture.Action.Started);
    }

    [Fact]
    public async Task Submit_AlreadyExpiredByAClockThatIsAhead_SaysSo()
    {
        _fixture.CoordinatorClock.Observe(_fixture.Clock.GetUtcNow() - TimeSpan.FromHours(26));
        _fixture.Runs.Submit(_fixture.Command("late", expiresIn: TimeSpan.FromHours(-25)));

        var skipped = (await _fixture.ResultAsync("late")).Result;

        Assert.Equal(ActionOutcome.Skipped, skipped.Outcome);
        Assert.StartsWith(
            "the run reached the host after its time had passed; this host's clock is 26 h ahead of the coordinator's",
            skipped.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Submit_GuardRefuses_ResultNamesTheRuleAndNothingStarts()
    {
        _fixture.Guard.Decision = new GuardDecision { Allowed = false, Rule = "guard.yaml:3: rule", Message = "not here" };
        _fixture.Runs.Submit(_fixture.Command("a"));
        var finished = await _fixture.ResultAsync("a");
        Assert.Equal(
            (ActionOutcome.Refused, "guard.yaml:3: rule", false),
            (finished.Result.Outcome, finished.Result.RefusedBy, finished.Result.Retryable));
        Assert.Equal(RefusalSource.Guard, finished.Result.RefusalSource);
        Assert.Equal("guard_refused", _fixture.Sent[0].Notice.Code);
        Assert.Empty(_fixture.Action.Started);
    }

    [Fact]
    public async Task Submit_SafetyRuleRefuses_IsNotToldAsTheGuards()
    {
        _fixture.Action.Do = (_, _) => Task.FromResult(ToolOutcome.RefusedAsUnsafe("rsync safety rule \"free space\"", "full"));
        _fixture.Runs.Submit(_fixture.Command("a"));

        var finished = await _fixture.ResultAsync("a");

        Assert.Equal((ActionOutcome.Refused, RefusalSource.SafetyRule), (finished.Result.Outcome, finished.Result.RefusalSource));
        Assert.Equal("safety_refused", Assert.Single(_fixture.Sent, e => e.Notice is not null).Notice.Code);
    }

    [Fact]
    public async Task Cancel_RunningAndWaiting_BothEndAsCancelled()
    {
        _fixture.Settings.MaxConcurrent = 1;
        _fixture.Action.Block();
        _fixture.Runs.Submit(_fixture.Command("a"));
        _fixture.Runs.Submit(_fixture.Command("b"));
        await Eventually.TrueAsync(() => _fixture.Action.Started.Count == 1, "one runs");
        _fixture.Runs.Cancel("b", "operator\nanna");
        _fixture.Runs.Cancel("a", "operator anna");
        Assert.Equal(ActionOutcome.Cancelled, (await _fixture.ResultAsync("a")).Result.Outcome);
        var waiting = await _fixture.ResultAsync("b");
        Assert.Equal(ActionOutcome.Cancelled, waiting.Result.Outcome);
        Assert.DoesNotContain('\n', waiting.Result.Message);
    }

    [Fact]
    public async Task Stop_RunningAttempt_IsInterruptedAndRetryable()
    {
        _fixture.Action.Block();
        _fixture.Runs.Submit(_fixture.Command("a"));
        await Eventually.TrueAsync(() => _fixture.Action.Started.Count == 1, "it runs");
        await _fixture.Runs.StopAsync().WaitAsync(TimeSpan.FromSeconds(60));
        var finished = Assert.Single(_fixture.Results);
        Assert.Equal((ActionOutcome.Interrupted, true), (finished.Result.Outcome, finished.Result.Retryable));
    }

    [Fact]
    public async Task Run_ActionThrows_FailsWithOneResult()
    {
        _fixture.Action.Do = (_, _) => throw new InvalidDataException("a bug");
        _fixture.Runs.Submit(_fixture.Command("a"));
        var finished = await _fixture.ResultAsync("a");
        Assert.Equal(ActionOutcome.Failed, finished.Result.Outcome);
        Assert.Contains("a bug", finished.Result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_FloodOfLines_IsSampledAndResultHasTheTail()
    {
        _fixture.Action.Do = (context, _) =>
        {
            for (var i = 1; i <= 5000; i++)
            {
                context.Log.Line(LogStream.Stdout, System.Text.Encoding.UTF8.GetBytes($"line {i}"));
            }

            context.Log.Line(LogStream.Stderr, [0xff, (byte)'x']);
            return Task.FromResult(new ActionResult { Outcome = ActionOutcome.Succeeded });
        };
        _fixture.Runs.Submit(_fixture.Command("a"));
        var finished = await _fixture.ResultAsync("a");
        Assert.Equal(100, finished.Result.LogTail.Count);
        Assert.Equal((5001, "\uFFFDx"), (finished.Result.LogTail[^1].Number, finished.Result.LogTail[^1].Text));
        Assert.InRange(_fixture.Sink.Lines.Sum(l => l.Lines.Count), 1, 501);
    }

    [Fact]
    public async Task Run_RealTool_ProcessIsJournaledAndCarriesTheMark()
    {
        var output = new RecordingOutput();
        _fixture.Action.Do = async (context, token) =>
        {
            await context.Tools.RunAsync(
                new ToolRequest { Program = "sh", Arguments = ["-c", "echo $FLEET_RUN; exec sleep 1000"] }, output, token);
            return new ActionResult { Outcome = ActionOutcome.Cancelled };
        };
        _fixture.Runs.Submit(_fixture.Command("abc"));
        Assert.Equal($"{RunIds.Of("abc")}/1", await output.WaitForAsync(l => l.Length > 0));
        Assert.Single(Assert.Single(_fixture.Journal.Unfinished()).Processes);
        _fixture.Runs.Cancel("abc", "");
        await _fixture.ResultAsync("abc");
    }

    [Fact]
    public async Task Disk_Full_NothingStartsResultsAreKeptAndMetricsGoFirst()
    {
        using var disk = await SmallDisk.MountAsync(3);
        using var fixture = new RunFixture(disk.Path, reserveBytes: 1024 * 1024);
        fixture.Ledger.Retry();
        Assert.False(fixture.Ledger.WantsRetry);
        var failed = 0;
        fixture.Ledger.Failed += () => failed++;
        for (var i = 0; i < 20; i++)
        {
            fixture.Backlog.Add(new MetricBatch());
        }

        // Larger than what is left in the last page of a file.
        var large = new string('x', 9000);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        fixture.Action.Do = async (_, token) =>
        {
            await release.Task.WaitAsync(token);
            return new ActionResult { Outcome = ActionOutcome.Succeeded, Message = large };
        };
        fixture.Runs.Submit(fixture.Command("running"));
        await Eventually.TrueAsync(() => fixture.Action.Started.Count == 1, "it runs");
        disk.Fill();
        FillLastPage(fixture);
        fixture.Runs.Submit(fixture.Command("late"));
        await Eventually.TrueAsync(() => fixture.Ledger.StateError.Length > 0, "the full disk is noticed");
        Assert.Single(fixture.Action.Started);
        release.SetResult();
        Assert.Equal(ActionOutcome.Succeeded, (await fixture.ResultAsync("running")).Result.Outcome);
        Assert.Null(fixture.Backlog.ReadAfter(0));
        Assert.Equal(20, fixture.Backlog.TakeDropped());
        fixture.Ledger.Retry();
        fixture.Runs.Tick();
        Assert.Single(fixture.Action.Started);

        // Said once; from then on it is looked at for as long as it is wanted.
        Assert.Equal(1, failed);
        Assert.True(fixture.Ledger.WantsRetry);

        disk.MakeRoom();
        fixture.Ledger.Retry();
        Assert.Equal("", fixture.Ledger.StateError);
        Assert.False(fixture.Ledger.WantsRetry);
        fixture.Runs.Tick();
        Assert.Equal(ActionOutcome.Succeeded, (await fixture.ResultAsync("late")).Result.Outcome);
    }

    /// <summary>What is left in the last page of the journal's file can still be written on a full disk.</summary>
    private static void FillLastPage(RunFixture fixture)
    {
        try
        {
            while (true)
            {
                fixture.Journal.AddProcess(new RunKey(RunIds.Of("running"), 1), new StartedProcess(1, 1));
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }
}
