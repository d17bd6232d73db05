using Fleet.Coordinator.State.Runs;

namespace Fleet.Coordinator.Sessions;

/// <summary>What a commit of outbox entries came to.</summary>
/// <param name="Sequence">Everything in the outbox up to here is committed.</param>
/// <param name="Finished">Runs that reached their final state by it.</param>
internal sealed record IntakeResult(long Sequence, IReadOnlyList<RunRow> Finished);
