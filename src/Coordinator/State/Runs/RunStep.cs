using Fleet.Coordinator.State.Events;
using Fleet.Coordinator.State.Policies;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Runs;

/// <summary>
/// What follows for a run, its attempts, its policy's protection and the events when something happens to it. Pure, apart from the jitter
/// of pauses: <see cref="RunChanges"/> stores it.
/// </summary>
internal sealed record RunStep
{
    /// <summary>The run afterwards. Null if it has not changed.</summary>
    public RunRow? Row { get; private init; }

    /// <summary>The result that stood in the run's row and that another one replaces. Null if there is none.</summary>
    public ActionResult? Replaced { get; private init; }

    /// <summary>An attempt that has finished. A null result stands in the run's row. Null if there is none.</summary>
    public (int Number, ActionResult? Result)? Attempt { get; private init; }

    /// <summary>How the run's policy stands on its host afterwards. Null: as before.</summary>
    public PolicyHostRow? Protection { get; private init; }

    /// <summary>What is to be told, in this order.</summary>
    public IReadOnlyList<NewEvent> Events { get; private init; } = [];

    /// <summary>Whether something can change how the run's policy stands: only then must that be known to <see cref="Of"/>.</summary>
    public static bool MayTouchProtection(RunRow run, RunInput input) =>
        run is { IsFinal: false, CountsForProtection: true }
        && (input is RunInput.Finished || (input is RunInput.Ended ended && IsTried(ended.Final)));

    /// <param name="protection">
    /// Null if <see cref="MayTouchProtection"/> says no, or if the policy does not apply to the host any more.
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

    /// <summary>Also an attempt that is over; but a host cannot add attempts that the run never had.</summary>
    private static (int Number, ActionResult? Result)? AttemptOf(RunRow run, RunInput input, RunRow? after) =>
        input is RunInput.Finished finished && (after is not null || finished.Attempt <= run.Retry.MaxAttempts)
            ? (finished.Attempt, ReferenceEquals(after?.Result, finished.Result) ? null : finished.Result)
            : null;

    /// <summary>An end that says whether the policy's work was done.</summary>
    private static bool IsTried(RunState final) => final == RunState.Succeeded || RunStates.IsFailure(final);

    private RunStep With(RunRow run, RunProtection protection, DateTimeOffset now)
    {
        var finishedAt = run.FinishedAt ?? now;
        var after = ProtectionRules.AfterRun(protection.Row, run.State == RunState.Succeeded, run.StartedAt ?? finishedAt, finishedAt, now);
        var (evaluated, fact) = ProtectionRules.Evaluate(protection.Spec, after, run.Result?.Message ?? "", now);
        return this with { Protection = evaluated, Events = fact is null ? Events : [.. Events, fact] };
    }
}
