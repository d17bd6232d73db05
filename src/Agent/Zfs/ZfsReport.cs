namespace Fleet.Agent.Zfs;

/// <summary>Everything that ZFS has on this host.</summary>
internal sealed record ZfsReport
{
    public required IReadOnlyList<ZfsPoolReport> Pools { get; init; }

    /// <summary>False: this release has no snapshots_changed (before 2.2), so every dataset is listed each time.</summary>
    public required bool KnowsSnapshotsChanged { get; init; }

    /// <summary>What is not about one pool. Safe to show.</summary>
    public required IReadOnlyList<string> Problems { get; init; }
}
