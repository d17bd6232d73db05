using Fleet.Schedules.Retention;

namespace Fleet.Agent.Retention;

/// <summary>A snapshot that a plan decides about.</summary>
/// <param name="Owners">The policies that own it. Empty if it is not Fleet's, and no plan knows it.</param>
internal sealed record PruneCandidate(RetentionCandidate Snapshot, IReadOnlyList<string> Owners);
