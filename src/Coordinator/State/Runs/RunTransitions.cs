using System.Globalization;
using Fleet.Coordinator.State.Events;
using Fleet.Protocol.V1;
using Fleet.Schedules;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.State.Runs;

/// <summary>
/// Applies inputs to a run. Pure, apart from the jitter. Repeated and late inputs change nothing, which makes at-least-once
/// delivery harmless; a final state never changes.
/// </summary>
internal static class RunTransitions
{
    /// <returns>The run afterwards; null if the input changes nothing.</returns>
    public static RunChange? Apply(RunRow run, RunInput input, DateTimeOffset now, Random random)
    {
        if (run.IsFinal)
        {
            return null;
        }

        return input switch
        {
            RunInput.Dispatched => Dispatch(run),
            RunInput.Started started => Start(run, started),
            RunInput.Finished finished => Finish(run, finished, now, random),
            RunInput.CancelRequested cancel => Cancel(run, cancel, now),
            RunInput.Overdue => Overdue(run, now),
            RunInput.Ended ended => End(
                run,
                ended.Final,
                new ActionResult
                {
                    Outcome = OutcomeOf(ended.Final),
                    Message = ended.Reason,
                    FinishedAt = Timestamp.FromDateTimeOffset(now),
                },
                now),
            _ => throw new ArgumentOutOfRangeException(nameof(input)),
        };
    }

    /// <summary>Whether an attempt's end is already known: then nothing about this attempt is news.</summary>
    private static bool IsOver(RunRow run, int attempt) =>
        attempt < run.Attempt || (run.State == RunState.Queued && attempt <= run.Attempt) || attempt < 1;

    private static RunChange? Dispatch(RunRow run) =>
        run.State == RunState.Queued
            ? new RunChange(run with { State = RunState.Dispatched, Attempt = run.Attempt + 1 }, null)
            : null;

    private static RunChange? Start(RunRow run, RunInput.Started started)
    {
        if (IsOver(run, started.Attempt) || (run.State == RunState.Running && started.Attempt == run.Attempt))
        {
            return null;
        }

        var row = run with { State = RunState.Running, Attempt = started.Attempt, StartedAt = started.At };
        return new RunChange(
            row,
            Event(row, EventTypes.RunStarted, EventSeverity.Info, $"{row.Title} started on {row.HostName}", started.At, new()
            {
                ["attempt"] = Text(started.Attempt),
            }));
    }

    private static RunChange? Finish(RunRow run, RunInput.Finished finished, DateTimeOffset now, Random random)
    {
        if (IsOver(run, finished.Attempt))
        {
            return null;
        }

        var result = finished.Result;
        var final = FinalOf(result.Outcome);
        var row = run with
        {
            Attempt = finished.Attempt,
            StartedAt = result.StartedAt?.ToDateTimeOffset() ?? run.StartedAt,
        };

        var worthRepeating = RunStates.IsFailure(final) && final != RunState.Refused
            && (result.Retryable || result.Outcome == ActionOutcome.Interrupted);
        if (worthRepeating && run.CancelReason is null && finished.Attempt < run.Retry.MaxAttempts)
        {
            return Retry(row, result, now, random);
        }

        if (run.OverdueAt is not null && (RunStates.IsFailure(final) || final == RunState.Cancelled))
        {
            // Nobody asked for it to be cancelled: it was cancelled because it did not end.
            final = RunState.TimedOut;
        }
        else if (RunStates.IsFailure(final) && run.CancelReason is not null)
        {
            final = RunState.Cancelled;
        }

        return End(row, final, result, now);
    }

    private static RunChange Retry(RunRow run, ActionResult result, DateTimeOffset now, Random random)
    {
        var backoff = new Backoff(run.Retry.InitialBackoff.ToTimeSpan(), run.Retry.MaxBackoff.ToTimeSpan(), random);
        var notBefore = now + backoff.After(run.Attempt);

        // The expiry limits waiting: each attempt may wait as long as the first one.
        var expires = notBefore + run.ExpireAfter;
        var row = run with
        {
            State = RunState.Queued,
            NotBefore = notBefore,
            ExpiresAt = expires > run.ExpiresAt ? expires : run.ExpiresAt,
            Result = result,
        };
        var attributes = RunEventAttributes.Of(row, result);
        attributes["next_attempt"] = Text(row.Attempt + 1);
        attributes["not_before"] = notBefore.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
        return new RunChange(
            row,
            Event(
                row,
                EventTypes.RunRetrying,
                EventSeverity.Warning,
                $"{row.Title} on {row.HostName}: attempt {row.Attempt} of {row.Retry.MaxAttempts} failed, another one follows: "
                + $"{result.Message}",
                result.FinishedAt?.ToDateTimeOffset(),
                attributes));
    }

    private static RunChange? Cancel(RunRow run, RunInput.CancelRequested cancel, DateTimeOffset now)
    {
        if (run.State == RunState.Queued)
        {
            return End(
                run with { CancelReason = cancel.Reason },
                RunState.Cancelled,
                new ActionResult
                {
                    Outcome = ActionOutcome.Cancelled,
                    Message = cancel.Reason,
                    FinishedAt = Timestamp.FromDateTimeOffset(now),
                },
                now);
        }

        // The first reason stays: repeating a request changes nothing.
        return run.CancelReason is null ? new RunChange(run with { CancelReason = cancel.Reason }, null) : null;
    }

    /// <summary>
    /// It is not ended from here: while the tool may still be at work, the next run must not begin beside it. The agent is asked to
    /// cancel it, and people are informed.
    /// </summary>
    private static RunChange? Overdue(RunRow run, DateTimeOffset now)
    {
        if (run.State != RunState.Running || run.OverdueAt is not null)
        {
            return null;
        }

        var row = run with { OverdueAt = now, CancelReason = run.CancelReason ?? $"still running after its time limit of {run.Timeout}" };
        return new RunChange(
            row,
            Event(
                row,
                EventTypes.RunOverdue,
                EventSeverity.Error,
                $"{row.Title} on {row.HostName} is still running after its time limit of {run.Timeout}",
                null,
                new() { ["attempt"] = Text(run.Attempt), ["timeout_seconds"] = Text((long)run.Timeout.TotalSeconds) }));
    }

    private static RunChange End(RunRow run, RunState final, ActionResult result, DateTimeOffset now)
    {
        var row = run with
        {
            State = final,
            Result = result,
            FinishedAt = result.FinishedAt?.ToDateTimeOffset() ?? now,
        };
        var (type, severity) = RunStates.EventOf(final);
        if (result.Outcome == ActionOutcome.SucceededWithWarnings)
        {
            severity = EventSeverity.Warning;
        }

        var what = type["run.".Length..].Replace('_', ' ');
        var message = $"{row.Title} {what} on {row.HostName}";
        if (result.Message.Length > 0)
        {
            message = $"{message}: {result.Message}";
        }

        return new RunChange(
            row, Event(row, type, severity, message, result.FinishedAt?.ToDateTimeOffset(), RunEventAttributes.Of(row, result)));
    }

    /// <summary>The trigger's name in events: "schedule", "agent_schedule", "manual".</summary>
    public static string TriggerName(RunTrigger trigger) => trigger switch
    {
        RunTrigger.Schedule => "schedule",
        RunTrigger.AgentSchedule => "agent_schedule",
        RunTrigger.Manual => "manual",
        _ => "unknown",
    };

    private static NewEvent Event(
        RunRow run,
        string type,
        EventSeverity severity,
        string message,
        DateTimeOffset? occurredAt,
        Dictionary<string, string> attributes
    ) =>
        new(type, severity, message)
        {
            HostId = run.HostId,
            HostName = run.HostName,
            Policy = run.Policy,
            RunId = run.RunId,
            OccurredAt = occurredAt,
            Attributes = attributes,
        };

    private static RunState FinalOf(ActionOutcome outcome) => outcome switch
    {
        ActionOutcome.Succeeded or ActionOutcome.SucceededWithWarnings => RunState.Succeeded,
        ActionOutcome.TimedOut => RunState.TimedOut,
        ActionOutcome.Cancelled => RunState.Cancelled,
        ActionOutcome.Refused => RunState.Refused,
        ActionOutcome.Interrupted => RunState.Interrupted,
        ActionOutcome.Skipped => RunState.Skipped,

        // Also for outcomes that a newer agent may send: an outcome that is not known here never counts as healthy.
        _ => RunState.Failed,
    };

    private static ActionOutcome OutcomeOf(RunState final) => final switch
    {
        RunState.Skipped => ActionOutcome.Skipped,
        RunState.Cancelled => ActionOutcome.Cancelled,
        RunState.Interrupted => ActionOutcome.Interrupted,
        RunState.Expired => ActionOutcome.Skipped,
        _ => ActionOutcome.Failed,
    };

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
