using Fleet.Coordinator.State.Events;
using Fleet.Coordinator.State.Policies;
using Fleet.Coordinator.State.Runs;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.Tests.State.Runs;

/// <summary>
/// What follows when something happens to a run: the run, its attempts, its policy's protection and the events, in one value.
/// </summary>
public sealed class RunStepTests
{
    private static readonly DateTimeOffset Now = new(2026, 12, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly PolicySpec Spec = new()
    {
        Name = "home",
        Action = new Protocol.V1.Action { Command = new CommandAction() },
        Freshness = Duration.FromTimeSpan(TimeSpan.FromHours(2)),
    };

    [Fact]
    public void Of_Success_MakesTheProtectionOkAndTellsOnlyTheRun()
    {
        var step = Of(Running(), new RunInput.Finished(1, Result(ActionOutcome.Succeeded)), Protection(ProtectionState.Pending));

        Assert.Equal(RunState.Succeeded, step.Row!.State);
        Assert.Equal(ProtectionState.Ok, step.Protection!.State);
        Assert.Equal(Now.AddMinutes(-10), step.Protection.LastSuccessAt);
        Assert.Equal([EventTypes.RunSucceeded], Types(step));
        Assert.Equal((1, null), step.Attempt);
    }

    [Fact]
    public void Of_Failure_TellsTheRunFirstAndThenThePolicy()
    {
        var step = Of(
            Running(),
            new RunInput.Finished(1, Result(ActionOutcome.Failed)),
            Protection(ProtectionState.Ok, lastSuccess: Now.AddHours(-1)));

        Assert.Equal(ProtectionState.Failing, step.Protection!.State);
        Assert.Equal(Now, step.Protection.Since);
        Assert.Equal([EventTypes.RunFailed, EventTypes.PolicyFailing], Types(step));
    }

    [Fact]
    public void Of_SecondFailure_IsNotToldAgainOfThePolicy()
    {
        var step = Of(
            Running(),
            new RunInput.Finished(1, Result(ActionOutcome.Failed)),
            Protection(ProtectionState.Failing, lastSuccess: Now.AddHours(-1)));

        Assert.Equal([EventTypes.RunFailed], Types(step));
    }

    [Fact]
    public void Of_SuccessAfterAnAlert_TellsTheRecovery()
    {
        var step = Of(Running(), new RunInput.Finished(1, Result(ActionOutcome.Succeeded)), Protection(ProtectionState.NeverRan));

        Assert.Equal([EventTypes.RunSucceeded, EventTypes.PolicyRecovered], Types(step));
    }

    [Fact]
    public void Of_SuccessByAClockThatIsAhead_CountsFromNow()
    {
        var result = Result(ActionOutcome.Succeeded);
        result.StartedAt = Timestamp.FromDateTimeOffset(Now.AddDays(3));

        Assert.Equal(Now, Of(Running(), new RunInput.Finished(1, result), Protection(ProtectionState.Pending)).Protection!.LastSuccessAt);
    }

    [Fact]
    public void Of_TimesBetweenMilliseconds_AreThoseThatAreStored()
    {
        var result = Result(ActionOutcome.Succeeded);
        result.StartedAt = Timestamp.FromDateTimeOffset(Now.AddMinutes(-10).AddTicks(1_234_567));

        var step = Of(Running(), new RunInput.Finished(1, result), Protection(ProtectionState.NeverRan));

        Assert.Equal(Now.AddMinutes(-10).AddMilliseconds(123), step.Protection!.LastSuccessAt);
        Assert.Contains(".1230000Z", step.Events[1].Attributes["last_success_at"], StringComparison.Ordinal);
    }

    [Fact]
    public void Of_HostThatIsRemoved_CountsAsAFailure()
    {
        var step = Of(
            Running(),
            new RunInput.Ended(RunState.Interrupted, "its host was removed"),
            Protection(ProtectionState.Ok, lastSuccess: Now.AddHours(-1)));

        Assert.Equal([EventTypes.RunInterrupted, EventTypes.PolicyFailing], Types(step));
        Assert.EndsWith(": its host was removed", step.Events[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_SameState_KeepsSinceWhen()
    {
        var before = Protection(ProtectionState.Ok, lastSuccess: Now.AddHours(-1));

        Assert.Equal(before.Since, Of(Running(), new RunInput.Finished(1, Result(ActionOutcome.Succeeded)), before).Protection!.Since);
    }

    [Theory]
    [InlineData(RunState.Expired, false)]
    [InlineData(RunState.Skipped, false)]
    [InlineData(RunState.Interrupted, true)]
    public void MayTouchProtection_OfAnEndWithoutTheAgent_IsWhetherItWasTried(RunState final, bool expected) =>
        Assert.Equal(expected, RunStep.MayTouchProtection(Running(), new RunInput.Ended(final, "")));

    [Fact]
    public void MayTouchProtection_OfARunThatIsOver_IsFalse() => Assert.False(
        RunStep.MayTouchProtection(Running() with { State = RunState.Failed }, new RunInput.Finished(1, Result(ActionOutcome.Succeeded))));

    [Fact]
    public void Of_FailureOlderThanTheNewestEnd_LeavesTheProtectionAsItIs()
    {
        var result = Result(ActionOutcome.Failed);
        result.FinishedAt = Timestamp.FromDateTimeOffset(Now.AddHours(-1));
        var protection = Protection(ProtectionState.Ok, lastSuccess: Now.AddMinutes(-30), lastFinished: Now.AddMinutes(-20));

        var step = Of(Running(), new RunInput.Finished(1, result), protection);

        Assert.Equal(ProtectionState.Ok, step.Protection!.State);
        Assert.Equal(Now.AddMinutes(-20), step.Protection.LastFinishedAt);
    }

    [Theory]
    [InlineData(RunState.Expired)]
    [InlineData(RunState.Skipped)]
    public void Of_RunThatWasNotTried_SaysNothingAboutTheProtection(RunState final)
    {
        var step = Of(
            Running() with
            {
                State = RunState.Queued,
                Attempt = 0,
            },
            new RunInput.Ended(final, "too late"),
            Protection(ProtectionState.Ok));

        Assert.Equal(final, step.Row!.State);
        Assert.Null(step.Protection);
    }

    [Fact]
    public void Of_DryRun_SaysNothingAboutTheProtection()
    {
        var dry = Running() with { Action = new Protocol.V1.Action { Rsync = new RsyncAction { DryRun = true } } };

        Assert.Null(Of(dry, new RunInput.Finished(1, Result(ActionOutcome.Succeeded)), Protection(ProtectionState.Pending)).Protection);
    }

    [Fact]
    public void Of_FurtherAttempt_KeepsTheResultThatItReplaces()
    {
        var first = Result(ActionOutcome.Failed);
        var run = Running() with { Attempt = 2, Result = first };

        var step = Of(run, new RunInput.Finished(2, Result(ActionOutcome.Succeeded)), Protection(ProtectionState.Ok));

        Assert.Same(first, step.Replaced);
        Assert.Equal((2, null), step.Attempt);
    }

    [Fact]
    public void Of_LateResultOfAnAttemptThatIsOver_IsKeptWithTheAttemptOnly()
    {
        var late = Result(ActionOutcome.Succeeded);
        var run = Running() with { State = RunState.Failed, FinishedAt = Now, Attempt = 2 };

        var step = Of(run, new RunInput.Finished(1, late), Protection(ProtectionState.Failing));

        Assert.Null(step.Row);
        Assert.Null(step.Protection);
        Assert.Empty(step.Events);
        Assert.Equal(1, step.Attempt!.Value.Number);
        Assert.Same(late, step.Attempt.Value.Result);
    }

    [Fact]
    public void Of_AttemptThatTheRunNeverHad_IsNotKept() =>
        Assert.Null(
            Of(
                Running() with
                {
                    State = RunState.Failed,
                    FinishedAt = Now,
                },
                new RunInput.Finished(9, Result(ActionOutcome.Succeeded)),
                null
            ).Attempt);

    private static RunStep Of(RunRow run, RunInput input, PolicyHostRow? protection) =>
        RunStep.Of(run, input, protection is null ? null : new RunProtection(Spec, protection), Now, new Random(1));

    private static IEnumerable<string> Types(RunStep step) => step.Events.Select(static fact => fact.Type);

    private static ActionResult Result(ActionOutcome outcome) => new()
    {
        Outcome = outcome,
        StartedAt = Timestamp.FromDateTimeOffset(Now.AddMinutes(-10)),
        FinishedAt = Timestamp.FromDateTimeOffset(Now),
    };

    private static PolicyHostRow Protection(
        ProtectionState state,
        DateTimeOffset? lastSuccess = null,
        DateTimeOffset? lastFinished = null
    ) =>
        new(
            "home",
            "host-1",
            "nas1",
            AssignedAt: Now.AddMinutes(-90),
            CoveredUntil: Now,
            lastSuccess,
            "",
            LastFailed: state == ProtectionState.Failing,
            state,
            Since: Now.AddMinutes(-90),
            Announced: state,
            lastFinished,
            CheckAt: Now.AddHours(2));

    private static RunRow Running() =>
        new()
        {
            RunId = "0123456789abcdef0123456789abcdef",
            Policy = "home",
            PolicyRevision = 1,
            HostId = "host-1",
            HostName = "nas1",
            State = RunState.Running,
            Trigger = RunTrigger.Schedule,
            ScheduledAt = Now.AddMinutes(-10),
            QueuedAt = Now.AddMinutes(-10),
            ExpiresAt = Now.AddHours(1),
            Attempt = 1,
            Action = Spec.Action,
            Retry = new RetryPolicy
            {
                MaxAttempts = 2,
                InitialBackoff = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)),
                MaxBackoff = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)),
            },
            Timeout = TimeSpan.FromHours(1),
            ExpireAfter = TimeSpan.FromHours(1),
        };
}
