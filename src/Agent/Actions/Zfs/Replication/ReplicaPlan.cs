using Fleet.Agent.Zfs;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions.Zfs.Replication;

/// <summary>
/// What one dataset's copy needs. Pure. Snapshots are matched by guid and ordered by transaction group, never by name or clock. Whatever
/// the target has of its own stays: it is reported, and nothing is planned.
/// </summary>
internal sealed record ReplicaPlan
{
    public required string Source { get; init; }

    public required string Target { get; init; }

    public required ZfsReplicaState State { get; init; }

    /// <summary>In this order. Empty unless <see cref="State"/> is BEHIND.</summary>
    public IReadOnlyList<ReplicationStep> Steps { get; init; } = [];

    /// <summary>The newest snapshot that both have, as the source knows it. Null if there is none.</summary>
    public Common? Base { get; init; }

    /// <summary>Why it is not current, in one sentence. Safe to show: names have passed ZfsNames.</summary>
    public string Problem { get; init; } = "";

    /// <summary>Copies on the target that lack Fleet's properties, each with its original.</summary>
    public IReadOnlyList<(string Copy, ZfsSnapshot Original)> Unmarked { get; init; } = [];

    /// <summary>The oldest snapshot that the copy lacks. Null if there is none.</summary>
    public ZfsSnapshot? FirstLacking => Steps.Count > 0 ? Steps[0].Arriving[0] : null;

    /// <param name="Name">Full name at the source, of a snapshot or a bookmark.</param>
    /// <param name="Snapshot">Null if only its bookmark is left.</param>
    /// <param name="Copy">Full name at the target.</param>
    internal sealed record Common(string Name, ZfsGuid Guid, ZfsSnapshot? Snapshot, string Copy);

    /// <param name="all">Snapshots of the source, by transaction group.</param>
    /// <param name="wanted">Those of them that are to be copied.</param>
    /// <param name="exists">The target is there.</param>
    /// <param name="copies">Snapshots of the target, by transaction group.</param>
    public static ReplicaPlan Create(
        string source,
        string target,
        IReadOnlyList<ZfsSnapshot> all,
        Func<ZfsSnapshot, bool> wanted,
        IReadOnlyList<ZfsBookmark> bookmarks,
        bool exists,
        IReadOnlyList<ZfsSnapshot> copies)
    {
        var plan = new ReplicaPlan { Source = source, Target = target, State = ZfsReplicaState.Behind };
        if (!all.Any(wanted))
        {
            return plan with { State = ZfsReplicaState.NothingToCopy, Problem = "there is no snapshot of that policy to copy" };
        }

        if (!exists)
        {
            return plan with { Steps = StepsFrom(null, isBookmark: false, all, wanted) };
        }

        var byGuid = all.ToDictionary(s => s.Guid);
        plan = plan with
        {
            Base = copies.Reverse().Select(c => CommonOf(c, byGuid, bookmarks)).FirstOrDefault(c => c is not null),
            Unmarked = [.. copies.Where(c => (c.Policy is null || c.RunId is null) && byGuid.TryGetValue(c.Guid,
                out var o) && wanted(o)).Select(c => (c.FullName, byGuid[c.Guid]))],
        };
        if (copies.Count == 0)
        {
            return plan with
            {
                State = ZfsReplicaState.Diverged,
                Problem = $"{target} exists and has no snapshot, so it is not a copy of {source}: choose another target"
            };
        }

        if (plan.Base is null || plan.Base.Guid != copies[^1].Guid)
        {
            return plan with { State = ZfsReplicaState.Diverged, Problem = Divergence(plan, all, copies) };
        }

        var after = plan.Base.Snapshot?.CreateTransactionGroup ?? bookmarks.First(b => b.Guid == plan.Base.Guid).CreateTransactionGroup;
        var newer = all.Where(s => s.CreateTransactionGroup > after).ToList();
        return newer.Exists(s => wanted(s))
            ? plan with { Steps = StepsFrom(plan.Base.Name, plan.Base.Snapshot is null, newer, wanted) }
            : plan with { State = ZfsReplicaState.Current };
    }

    private static Common? CommonOf(ZfsSnapshot copy, Dictionary<ZfsGuid, ZfsSnapshot> byGuid, IReadOnlyList<ZfsBookmark> bookmarks) =>
        byGuid.TryGetValue(copy.Guid, out var snapshot) ? new Common(snapshot.FullName, copy.Guid, snapshot, copy.FullName)
        : bookmarks.FirstOrDefault(b => b.Guid == copy.Guid) is { } bookmark ? new Common(bookmark.FullName, copy.Guid, null, copy.FullName)
        : null;

    private static string Divergence(ReplicaPlan plan, IReadOnlyList<ZfsSnapshot> all, IReadOnlyList<ZfsSnapshot> copies)
    {
        var common = plan.Base is { } found ? $"the newest that they have in common is {found.Name}" : "they have none in common";
        return $"{copies[^1].FullName} is the newest on the target but not on the source, where {all[^1].FullName} is: {common}. Nothing "
            + $"was changed; "
            + (plan.Base is { } at ? $"to continue, destroy on the target what is newer than {at.Copy}, or choose "
                + $"another target" : "choose another target");
    }

    /// <summary>
    /// As few streams as carry the wanted snapshots and no other: those that follow each other without another one between go together. A
    /// stream from a bookmark, from nothing, or past an unwanted one has a single snapshot.
    /// </summary>
    private static List<ReplicationStep> StepsFrom(
        string? from, bool isBookmark, IReadOnlyList<ZfsSnapshot> newer, Func<ZfsSnapshot, bool> wanted)
    {
        List<ReplicationStep> steps = [];
        List<ZfsSnapshot> together = [];
        var alone = isBookmark || from is null;
        foreach (var snapshot in newer)
        {
            if (!wanted(snapshot))
            {
                Flush();
                alone = true;
                continue;
            }

            together.Add(snapshot);
            if (alone)
            {
                Flush();
                alone = false;
            }
        }

        Flush();
        return steps;

        void Flush()
        {
            if (together.Count > 0)
            {
                steps.Add(new ReplicationStep(from, together[^1], [.. together]));
                from = together[^1].FullName;
                together.Clear();
            }
        }
    }
}
