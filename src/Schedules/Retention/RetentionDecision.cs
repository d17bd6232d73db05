using System.Collections.Immutable;

namespace Fleet.Schedules.Retention;

/// <summary>What happens to one copy, and every rule that says so: at least one.</summary>
public readonly record struct RetentionDecision(
    RetentionCandidate Candidate, RetentionVerdict Verdict, ImmutableArray<RetentionReason> Reasons);
