using Fleet.Agent.Lvm;
using Fleet.Agent.Retention;
using Fleet.Schedules.Retention;
using Fleet.Schedules.Retention.Clock;

namespace Fleet.Agent.Actions.Lvm;

/// <summary>What goes and what stays of one policy's snapshots of one volume.</summary>
/// <param name="All">Every snapshot of the volume, whoever made it, oldest first.</param>
internal sealed record LvmPrunePlan(LvmVolume Origin, IReadOnlyList<LvmVolume> All, PrunePlan Plan)
{
    /// <summary>What <see cref="PrunePlan.Doomed"/> stands for, oldest first.</summary>
    public IReadOnlyList<LvmVolume> Doomed { get; } = [.. All.Where(s => Plan.Doomed.Contains(s.Uuid))];

    /// <summary>Pure.</summary>
    /// <param name="problem">Why there is no plan, one line, safe to show.</param>
    public static LvmPrunePlan? Create(
        LvmStock stock, LvmVolume origin, PruneParty own, IReadOnlyList<PruneParty> others, ClockCheck clock, RetentionGuard guard,
        out string problem)
    {
        // LVM keeps no order of making but the time.
        LvmVolume[] all = [.. stock.SnapshotsOf(origin).OrderBy(s => s.Created).ThenBy(s => s.Uuid, StringComparer.Ordinal)];
        var undated = Array.Find(all, s => s.Created is null && LvmTags.Owners(s.Tags).Count > 0);
        problem = undated is null ? "" : $"the creation time of {undated.FullName} is not known: nothing of {origin.FullName} is destroyed";
        return undated is null
            ? new LvmPrunePlan(
                origin, all, PrunePlan.Create(origin.FullName, [.. all.Select(s => Candidate(s, stock))], own, others, clock, guard))
            : null;
    }

    /// <summary>Something is being done with it, or it is not known that nothing is. Null if nothing is.</summary>
    public static string? InUse(LvmVolume snapshot) =>
        snapshot.Merging ? "it is being merged into its origin, or waits to be"
        : snapshot.MayBeOpen ? "it is in use"
        : snapshot.Active is null ? "it is not known whether it is active"
        : snapshot is { Active: true, SkipsActivation: true } ? "somebody activated it"
        : null;

    private static PruneCandidate Candidate(LvmVolume snapshot, LvmStock stock) => new(
        new RetentionCandidate
        {
            Identity = snapshot.Uuid,
            Name = snapshot.FullName,
            CreatedAt = snapshot.Created ?? DateTimeOffset.UnixEpoch,
            IsComplete = !snapshot.SnapshotInvalid,
            IsProtected = LvmTags.IsProtected(snapshot.Tags),
            IsHeld = InUse(snapshot) is not null,
            IsCloned = stock.Volumes.Any(v => v.OriginUuid == snapshot.Uuid),
        },
        LvmTags.Owners(snapshot.Tags));
}
