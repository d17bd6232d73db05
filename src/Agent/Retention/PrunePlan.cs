using Fleet.Schedules.Retention;
using Fleet.Schedules.Retention.Clock;

namespace Fleet.Agent.Retention;

/// <summary>What goes and what stays of one policy's snapshots of one dataset or volume.</summary>
internal sealed record PrunePlan
{
    /// <summary>The dataset or volume.</summary>
    public required string Of { get; init; }

    /// <summary>Newest first: one decision for each snapshot that the policy owns.</summary>
    public required IReadOnlyList<RetentionDecision> Decisions { get; init; }

    public required RetentionPlanState State { get; init; }

    /// <summary>Why the plan must not be carried out as it is, one line; null if it may.</summary>
    public required string? Why { get; init; }

    /// <summary>
    /// Identities. Also of those for which a confirmation is needed. Empty for a plan that is refused or only for show.
    /// </summary>
    public required IReadOnlySet<string> Doomed { get; init; }

    /// <summary>Nothing is destroyed without a confirmation.</summary>
    public bool Asks => State == RetentionPlanState.Asks && Doomed.Count > 0;

    /// <summary>Pure.</summary>
    /// <param name="all">Every snapshot of it, in the order in which they were made. Which is the latest follows from that.</param>
    /// <param name="own">The policy whose run this is.</param>
    /// <param name="others">Other policies that have a say.</param>
    public static PrunePlan Create(
        string of, IReadOnlyList<PruneCandidate> all, PruneParty own, IReadOnlyList<PruneParty> others, ClockCheck clock,
        RetentionGuard guard)
    {
        var owned = all.Where(s => s.Owners.Contains(own.Owner)).ToList();
        var identities = owned.Select(s => s.Snapshot.Identity).ToHashSet();
        PruneParty[] parties = [own, .. others.Where(o => o.Covers(of) && owned.Exists(s => s.Owners.Contains(o.Owner)))];
        var silent = owned.SelectMany(s => s.Owners).Distinct().Where(o => !parties.Any(p => p.Owner == o));
        RetentionPlan[] plans =
        [
            .. parties.Concat(silent.Select(o => PruneParty.Keeper(o, own.Covers)))
                .Select(p => RetentionPlanner.Plan(p.Policy, Candidates([.. all.Where(s => s.Owners.Contains(p.Owner))]), clock, guard)),
        ];
        var plan = plans.Length == 1 ? plans[0] : RetentionPlanner.Combine(plans);
        return new PrunePlan
        {
            Of = of,
            Decisions = [.. plan.Decisions.Where(d => identities.Contains(d.Candidate.Identity))],
            State = plan.State,
            Why = plan.Why,
            Doomed = plan.ToDestroy(plan.Fingerprint).Select(c => c.Identity).Where(identities.Contains).ToHashSet(),
        };
    }

    private static IEnumerable<RetentionCandidate> Candidates(PruneCandidate[] snapshots) =>
        snapshots.Select((s, i) => i == snapshots.Length - 1 ? s.Snapshot with { IsLatest = true } : s.Snapshot);
}
