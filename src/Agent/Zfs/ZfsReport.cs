using Fleet.Agent.Zfs.Pool;

namespace Fleet.Agent.Zfs;

/// <summary>All of ZFS on this host.</summary>
internal sealed record ZfsReport
{
    public required IReadOnlyList<ZfsPoolReport> Pools { get; init; }

    /// <summary>False if this release has no snapshots_changed (before 2.2), so every dataset is listed each time.</summary>
    public required bool KnowsSnapshotsChanged { get; init; }

    /// <summary>Problems that do not belong to one pool. Safe to show.</summary>
    public required IReadOnlyList<string> Problems { get; init; }
}

/// <summary>One pool and its contents. What could not be determined is in <see cref="Problems"/>.</summary>
internal sealed record ZfsPoolReport
{
    public required ZfsPool Pool { get; init; }

    /// <summary>Null if `zpool status` did not say.</summary>
    public ZfsPoolStatus? Status { get; init; }

    /// <summary>File systems and volumes, parents first.</summary>
    public IReadOnlyList<ZfsDataset> Datasets { get; init; } = [];

    /// <summary>False if there may be more datasets than these.</summary>
    public bool DatasetsComplete { get; init; }

    /// <summary>
    /// By name of the dataset, oldest first. A dataset that is missing here could not be listed in full: nothing follows from that
    /// about its snapshots.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<ZfsSnapshot>> Snapshots { get; init; } =
        new Dictionary<string, IReadOnlyList<ZfsSnapshot>>();

    /// <summary>How many datasets had to be listed in full; the others were remembered, and brought up to date.</summary>
    public int DatasetsListed { get; init; }

    /// <summary>Sentences for people. Safe to show.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];
}
