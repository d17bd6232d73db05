using Fleet.Coordinator.State.Events;
using Fleet.Coordinator.State.Policies;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Runs;

/// <summary>
/// The consequences of an input for a run, its attempts, its policy's protection state and the events. Pure, apart from the jitter of
/// pauses; <see cref="RunChanges"/> stores it.
/// </summary>
internal sealed record RunStep
{
    /// <summary>The run afterwards. Null if it has not changed.</summary>
    public RunRow? Row { get; private init; }

    /// <summary>The result in the run's row that another one replaces. Null if there is none.</summary>
    public ActionResult? Replaced { get; private init; }

    /// <summary>An attempt that has finished; its result is null if it is in the run's row. Null if there is none.</summary>
    public (int Number, ActionResult? Result)? Attempt { get; private init; }

    /// <summary>The state of the run's policy on its host afterwards. Null if unchanged.</summary>
    public PolicyHostRow? Protection { get; private init; }

    /// <summary>The events to record, in order.</summary>
    public IReadOnlyList<NewEvent> Events { get; private init; } = [];

    /// <summary>Whether an input can change the state of the run's policy; only then does <see cref="Of"/> need that state.</summary>
    public static bool MayTouchProtection(RunRow run, RunInput input) =>
        run is { IsFinal: false, CountsForProtection: true }
        && (input is RunInput.Finished || (input is RunInput.Ended ended && IsTried(ended.Final)));

    /// <param name="protection">
    /// Null if <see cref="MayTouchProtection"/> is false, or if the policy no longer applies to the host.
    /// </param>
    public static RunStep Of(RunRow run, RunInput input, RunProtection? protection, DateTimeOffset now, Random random)
    {
        var change = RunTransitions.Apply(run, input, now, random);
        var row = change?.Row;
        var step = new RunStep
        {
            Row = row,
            Replaced = row is not null && run.Result is { } before && !ReferenceEquals(row.Result, before) ? before : null,
            Attempt = AttemptOf(run, input, row),
            Events = change?.Event is { } fact ? [fact] : [],
        };
        return protection is not null && row is { IsFinal: true, CountsForProtection: true } && IsTried(row.State)
            ? step.With(row, protection, now)
            : step;
    }

    /// <summary>Also for an attempt that is over; but a host cannot add attempts that the run never had.</summary>
    private static (int Number, ActionResult? Result)? AttemptOf(RunRow run, RunInput input, RunRow? after) =>
        input is RunInput.Finished finished && (after is not null || finished.Attempt <= run.Retry.MaxAttempts)
            ? (finished.Attempt, ReferenceEquals(after?.Result, finished.Result) ? null : finished.Result)
            : null;

    /// <summary>True for an end that says whether the policy's work was done.</summary>
    private static bool IsTried(RunState final) => final == RunState.Succeeded || RunStates.IsFailure(final);

    private RunStep With(RunRow run, RunProtection protection, DateTimeOffset now)
    {
        var finishedAt = run.FinishedAt ?? now;
        var after = ProtectionRules.AfterRun(protection.Row, run.State == RunState.Succeeded, run.StartedAt ?? finishedAt, finishedAt, now);
        var (evaluated, fact) = ProtectionRules.Evaluate(protection.Spec, after, run.Result?.Message ?? "", now);
        return this with { Protection = evaluated, Events = fact is null ? Events : [.. Events, fact] };
    }
}
