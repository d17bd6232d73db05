using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Snapshots;

/// <summary>A snapshot as the catalogue holds it.</summary>
internal sealed record SnapshotRow
{
    public long Id { get; init; }

    public required string HostId { get; init; }

    public required SnapshotKind Kind { get; init; }

    /// <summary>What a list of its host speaks of: a dataset, a volume group, a folder.</summary>
    public required string Scope { get; init; }

    public required string Identity { get; init; }

    /// <summary>What it is of: a dataset, a volume with its group, a folder.</summary>
    public required string Origin { get; init; }

    /// <summary>Whole name, for people.</summary>
    public required string Name { get; init; }

    /// <summary>Null if not known.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Names of policies, parted by commas.</summary>
    public string Policy { get; init; } = "";

    public string RunId { get; init; } = "";

    public string MadeOn { get; init; } = "";

    public string Note { get; init; } = "";

    public long UsedBytes { get; init; }

    public long ReferencedBytes { get; init; }

    public long Holds { get; init; }

    /// <summary>By its host's clock: the newest proof that it is there, or that it is gone.</summary>
    public required DateTimeOffset EvidenceAt { get; init; }

    /// <summary>Its host's newest list lacks it, and it is not yet known why.</summary>
    public bool IsMissing { get; init; }

    public DateTimeOffset? GoneAt { get; init; }

    public bool IsOwnedBy(string policy) => policy.Length > 0 && Policy.Split(',').Contains(policy);
}
