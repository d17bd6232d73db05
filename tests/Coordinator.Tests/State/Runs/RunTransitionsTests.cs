using Fleet.Coordinator.State.Runs;
using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.Tests.State.Runs;

public sealed class RunTransitionsTests
{
    private static readonly DateTimeOffset Now = new(2026, 12, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly ActionOutcome[] Outcomes = System.Enum.GetValues<ActionOutcome>();

    [Fact]
    public void Apply_AnyNewsInAnyOrder_HasOneFinalStateThatStays() =>
        Prop.ForAll((byte[] codes) =>
        {
            var run = New();
            RunRow? final = null;
            foreach (var code in codes)
            {
                var change = RunTransitions.Apply(run, InputOf(code, run), Now, new Random(code));
                if (final is not null && change is not null)
                {
                    return false;
                }

                run = change?.Row ?? run;
                final = run.IsFinal ? run : null;
                if (run.Attempt > run.Retry.MaxAttempts + 3 || run.IsFinal != (run.FinishedAt is not null))
                {
                    return false;
                }
            }

            return true;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Apply_TheSameNewsTwice_ChangesNothingTheSecondTime() =>
        Prop.ForAll((byte[] codes) =>
        {
            var run = New();
            foreach (var code in codes)
            {
                var input = InputOf(code, run);
                run = RunTransitions.Apply(run, input, Now, new Random(1))?.Row ?? run;

                // Dispatching is the coordinator's own doing, not news that may come twice.
                if (input is not RunInput.Dispatched && RunTransitions.Apply(run, input, Now, new Random(1)) is not null)
                {
                    return false;
                }
            }

            return true;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Apply_LateStartOfAnAttemptThatHasEnded_IsNoNews()
    {
        var failed = new RunInput.Finished(1, new ActionResult { Outcome = ActionOutcome.Failed, Retryable = true });
        var waiting = RunTransitions.Apply(New(), failed, Now, new Random(1))!.Row;

        Assert.Equal(RunState.Queued, waiting.State);
        Assert.True(waiting.NotBefore > Now);
        Assert.Null(RunTransitions.Apply(waiting, new RunInput.Started(1, Now), Now, new Random(1)));
    }

    [Fact]
    public void Apply_RetryOfARunThatTookLong_MayStillWaitAsLongAsTheFirstAttempt()
    {
        var late = Now.AddHours(10);
        var failed = new RunInput.Finished(1, new ActionResult { Outcome = ActionOutcome.Interrupted });

        var waiting = RunTransitions.Apply(New(), failed, late, new Random(1))!.Row;

        Assert.True(waiting.ExpiresAt >= late.AddHours(24));
    }

    [Fact]
    public void Apply_DryRun_SaysSoInItsEventsAndCountsNothingAsDone()
    {
        var dry = New() with { Action = new Protocol.V1.Action { Rsync = new RsyncAction { DryRun = true } } };
        var started = RunTransitions.Apply(dry, new RunInput.Started(1, Now), Now, new Random(1))!;
        var ended = RunTransitions.Apply(
            started.Row,
            new RunInput.Finished(
                1,
                new ActionResult
                {
                    Outcome = ActionOutcome.Succeeded,
                    Message = "said",
                    Rsync = new RsyncStatistics { FilesTransferred = 7 },
                }),
            Now,
            new Random(1))!;

        Assert.Equal("dry run of photos started on nas", started.Event!.Message);
        Assert.Equal("dry run of photos succeeded on nas: said", ended.Event!.Message);
        Assert.Equal("true", ended.Event.Attributes["dry_run"]);
        Assert.DoesNotContain("files_transferred", ended.Event.Attributes.Keys);
    }

    private static RunInput InputOf(byte code, RunRow run) => (code % 6) switch
    {
        0 => new RunInput.Dispatched(),
        1 => new RunInput.Started((code / 5 % 4) + 1, Now),
        2 => new RunInput.Finished((code / 5 % 4) + 1, new ActionResult
        {
            Outcome = Outcomes[code % Outcomes.Length],
            Retryable = code % 2 == 0,
            FinishedAt = Timestamp.FromDateTimeOffset(Now),
        }),
        3 => new RunInput.CancelRequested("enough"),
        4 => new RunInput.Overdue(),
        _ => new RunInput.Ended(code % 2 == 0 ? RunState.Expired : RunState.Skipped, $"{run.State}"),
    };

    private static RunRow New() => new()
    {
        RunId = new string('0', 32),
        Policy = "photos",
        PolicyRevision = 1,
        HostId = "host",
        HostName = "nas",
        State = RunState.Queued,
        Trigger = RunTrigger.Schedule,
        ScheduledAt = Now,
        QueuedAt = Now,
        ExpiresAt = Now.AddHours(24),
        Action = TestPolicies.New().Action,
        Retry = new RetryPolicy
        {
            MaxAttempts = 3,
            InitialBackoff = Duration.FromTimeSpan(TimeSpan.FromSeconds(30)),
            MaxBackoff = Duration.FromTimeSpan(TimeSpan.FromMinutes(10)),
        },
        Timeout = TimeSpan.FromHours(6),
        ExpireAfter = TimeSpan.FromHours(24),
    };
}
