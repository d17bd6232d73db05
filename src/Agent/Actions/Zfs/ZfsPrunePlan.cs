using Fleet.Schedules.Retention;
using Fleet.Schedules.Retention.Clock;

namespace Fleet.Agent.Actions.Zfs;

/// <summary>What goes and what stays of one policy's snapshots on one dataset.</summary>
internal sealed record ZfsPrunePlan
{
    public required string Dataset { get; init; }

    /// <summary>Every snapshot of the dataset, whoever made it, in the order in which they were made.</summary>
    public required IReadOnlyList<ZfsSnapshot> All { get; init; }

    /// <summary>Newest first: one decision for each snapshot that the policy owns.</summary>
    public required IReadOnlyList<RetentionDecision> Decisions { get; init; }

    public required RetentionPlanState State { get; init; }

    /// <summary>Why the plan must not be carried out as it is, one line; null: it may.</summary>
    public required string? Why { get; init; }

    /// <summary>In the order in which they were made. Also those for which a confirmation is needed. Empty for a plan that is refused or only for show.</summary>
    public required IReadOnlyList<ZfsSnapshot> Doomed { get; init; }

    /// <summary>Nothing is destroyed without a confirmation.</summary>
    public bool Asks => State == RetentionPlanState.Asks && Doomed.Count > 0;

    /// <summary>Pure.</summary>
    /// <param name="own">The policy whose run this is.</param>
    /// <param name="others">Other policies that have a say.</param>
    /// <param name="snapshots">All of the dataset.</param>
    /// <param name="cloned">Full names of snapshots that clones depend on.</param>
    public static ZfsPrunePlan Create(
        string dataset,
        IReadOnlyList<ZfsSnapshot> snapshots,
        ZfsPruneParty own,
        IReadOnlyList<ZfsPruneParty> others,
        IReadOnlySet<string> cloned,
        ClockCheck clock,
        RetentionGuard guard)
    {
        ZfsSnapshot[] all = [.. snapshots.OrderBy(s => s.CreateTransactionGroup)];
        var owners = all.ToDictionary(s => s.Guid, s => s.RunId is null ? [] : ZfsOwners.Of(s.Policy));
        var owned = all.Where(s => owners[s.Guid].Contains(own.Owner)).ToDictionary(s => s.Guid.ToString());
        ZfsPruneParty[] parties = [own, .. others.Where(o => o.Selection.Covers(dataset) && owned.Values.Any(s => owners[s.Guid].Contains(o.Owner)))];
        var silent = owned.Values.SelectMany(s => owners[s.Guid]).Distinct().Where(o => !parties.Any(p => p.Owner == o));
        RetentionPlan[] plans =
        [
            .. parties.Concat(silent.Select(o => ZfsPruneParty.Keeper(o, own.Selection)))
                .Select(p => RetentionPlanner.Plan(p.Policy, Candidates([.. all.Where(s => owners[s.Guid].Contains(p.Owner))], cloned), clock, guard)),
        ];
        var plan = plans.Length == 1 ? plans[0] : RetentionPlanner.Combine(plans);
        var doomed = plan.ToDestroy(plan.Fingerprint).Select(c => c.Identity).ToHashSet();
        return new ZfsPrunePlan
        {
            Dataset = dataset,
            All = all,
            Decisions = [.. plan.Decisions.Where(d => owned.ContainsKey(d.Candidate.Identity))],
            State = plan.State,
            Why = plan.Why,
            Doomed = [.. all.Where(s => owned.ContainsKey(s.Guid.ToString()) && doomed.Contains(s.Guid.ToString()))],
        };
    }

    private static IEnumerable<RetentionCandidate> Candidates(ZfsSnapshot[] snapshots, IReadOnlySet<string> cloned) =>
        snapshots.Select((s, i) => new RetentionCandidate
        {
            Identity = s.Guid.ToString(),
            Name = s.FullName,
            CreatedAt = s.Creation,
            OrderKey = (ulong)s.CreateTransactionGroup,
            IsComplete = true,
            IsHeld = s.Holds > 0,
            IsCloned = cloned.Contains(s.FullName),
            IsLatest = i == snapshots.Length - 1,
        });
}
