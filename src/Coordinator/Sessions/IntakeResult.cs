using Fleet.Coordinator.State.Runs;

namespace Fleet.Coordinator.Sessions;

/// <summary>The result of committing outbox entries.</summary>
/// <param name="Sequence">Everything in the outbox up to this number is committed.</param>
/// <param name="Finished">Runs that reached their final state through it.</param>
internal sealed record IntakeResult(long Sequence, IReadOnlyList<RunRow> Finished);
