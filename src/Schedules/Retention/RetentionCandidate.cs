namespace Fleet.Schedules.Retention;

/// <summary>
/// One copy that retention decides about: a ZFS snapshot, an LVM snapshot or a dated tree. The lists that are planned together
/// belong to one dataset, one volume or one tree.
/// </summary>
public sealed record RetentionCandidate
{
    /// <summary>
    /// What the copy is known by, unique in its list: a ZFS guid, an LVM uuid, a tree's folder. Compared byte by byte, never read.
    /// </summary>
    public required string Identity { get; init; }

    /// <summary>The name for people. Nothing is decided by it.</summary>
    public required string Name { get; init; }

    /// <summary>The instant that the copy shows, in UTC (ZFS <c>creation</c>, LVM <c>lv_time</c>, a tree's own instant).</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>
    /// Which of two copies of the same instant is newer: the greater (ZFS <c>createtxg</c>). Zero where there is no such number.
    /// </summary>
    public ulong OrderKey { get; init; }

    /// <summary>
    /// Whether the copy is whole and can be restored from. One that is not uses up no count and no floor; it stays while it is newer than
    /// the newest good one, because it may be in the making.
    /// </summary>
    public required bool IsComplete { get; init; }

    /// <summary>A person said that it stays. Outside every count and always kept.</summary>
    public bool IsProtected { get; init; }

    /// <summary>Something on the host holds it (<c>zfs hold</c>). Outside every count and always kept.</summary>
    public bool IsHeld { get; init; }

    /// <summary>A replica still needs it as the base of its next increment. Counted like any other, and always kept.</summary>
    public bool IsReplicationBase { get; init; }

    /// <summary>A clone depends on it. Counted like any other, and always kept.</summary>
    public bool IsCloned { get; init; }

    /// <summary>
    /// It was made last, whatever its instant says: the clock may have been wrong then. Counted like any other, and always kept. Of a
    /// list at most one; none where the order of making is not known.
    /// </summary>
    public bool IsLatest { get; init; }
}
