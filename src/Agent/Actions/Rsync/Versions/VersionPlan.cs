namespace Fleet.Agent.Actions.Rsync.Versions;

/// <summary>What to link to, what to reuse and what to remove. Pure.</summary>
internal sealed record VersionPlan
{
    /// <summary>Left-over trees of broken-off runs that serve as further bases; older ones are removed first.</summary>
    public const int MaxLeftovers = 2;

    public required string Name { get; init; }

    /// <summary>This very run already made its tree.</summary>
    public required bool AlreadyComplete { get; init; }

    /// <summary>Trees to hard-link unchanged files to, best first: the newest good one, one newer than that, then left-overs.</summary>
    public required IReadOnlyList<VersionRecord> Bases { get; init; }

    /// <summary>Left-overs that are removed before the transfer.</summary>
    public required IReadOnlyList<VersionRecord> RemoveBefore { get; init; }

    /// <summary>Left-overs that are removed once the new tree is complete.</summary>
    public required IReadOnlyList<VersionRecord> RemoveAfter { get; init; }

    /// <param name="known">Records whose folders exist and have the recorded inode.</param>
    public static VersionPlan Create(string policy, DateTimeOffset instant, string runId, IReadOnlyList<VersionRecord> known)
    {
        var name = VersionName.Create(policy, instant, runId, known);
        var own = known.Where(v => v.Policy == policy && (v.Name != name || !v.Complete)).ToList();
        var complete = own.Where(v => v.Complete).OrderByDescending(v => v.Instant).ThenByDescending(v => v.Name,
            StringComparer.Ordinal).ToList();
        var leftovers = own.Where(v => !v.Complete).OrderByDescending(v => v.Instant).ThenByDescending(v => v.Folder,
            StringComparer.Ordinal).ToList();

        // The half tree of an earlier attempt of this run cannot simply be continued: rsync would set owner, mode and times of
        // its hard-linked files in place, and so change the older trees. As a base it is only read.
        return new VersionPlan
        {
            Name = name,
            AlreadyComplete = known.Any(v => v.Name == name && v is { Complete: true, Incomplete: false }),

            // A newer one that is not good may hold what the newest good one lacks.
            Bases = [
                .. complete.Where(v => v.IsGood).Take(1), .. complete.TakeWhile(v => !v.IsGood).Take(1), .. leftovers.Take(MaxLeftovers)],
            RemoveBefore = [.. leftovers.Skip(MaxLeftovers)],
            RemoveAfter = [.. leftovers.Take(MaxLeftovers)],
        };
    }
}
