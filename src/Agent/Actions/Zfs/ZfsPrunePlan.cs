using Fleet.Agent.Retention;
using Fleet.Agent.Zfs;
using Fleet.Schedules.Retention;
using Fleet.Schedules.Retention.Clock;

namespace Fleet.Agent.Actions.Zfs;

/// <summary>What goes and what stays of one policy's snapshots on one dataset.</summary>
/// <param name="All">Every snapshot of the dataset, whoever made it, in the order in which they were made.</param>
internal sealed record ZfsPrunePlan(IReadOnlyList<ZfsSnapshot> All, PrunePlan Plan)
{
    public string Dataset => Plan.Of;

    /// <summary>What <see cref="PrunePlan.Doomed"/> stands for, in the order in which they were made.</summary>
    public IReadOnlyList<ZfsSnapshot> Doomed { get; } = [.. All.Where(s => Plan.Doomed.Contains(s.Guid.ToString()))];

    /// <summary>Pure.</summary>
    /// <param name="snapshots">All of the dataset.</param>
    /// <param name="cloned">Full names of snapshots that clones depend on.</param>
    public static ZfsPrunePlan Create(
        string dataset,
        IReadOnlyList<ZfsSnapshot> snapshots,
        PruneParty own,
        IReadOnlyList<PruneParty> others,
        IReadOnlySet<string> cloned,
        ClockCheck clock,
        RetentionGuard guard)
    {
        ZfsSnapshot[] all = [.. snapshots.OrderBy(s => s.CreateTransactionGroup)];
        return new ZfsPrunePlan(all, PrunePlan.Create(dataset, [.. all.Select(s => Candidate(s, cloned))], own, others, clock, guard));
    }

    private static PruneCandidate Candidate(ZfsSnapshot snapshot, IReadOnlySet<string> cloned) => new(
        new RetentionCandidate
        {
            Identity = snapshot.Guid.ToString(),
            Name = snapshot.FullName,
            CreatedAt = snapshot.Creation,
            OrderKey = (ulong)snapshot.CreateTransactionGroup,
            IsComplete = true,
            IsHeld = snapshot.Holds > 0,
            IsCloned = cloned.Contains(snapshot.FullName),
        },
        snapshot.RunId is null ? [] : ZfsOwners.Of(snapshot.Policy));
}
