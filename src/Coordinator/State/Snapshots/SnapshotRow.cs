using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Snapshots;

/// <summary>A snapshot as the catalogue holds it.</summary>
internal sealed record SnapshotRow
{
    public long Id { get; init; }

    public required string HostId { get; init; }

    public required SnapshotKind Kind { get; init; }

    /// <summary>The unit that its host lists: a dataset, a volume group or a folder.</summary>
    public required string Scope { get; init; }

    public required string Identity { get; init; }

    /// <summary>Its source: a dataset, a volume with its group, or a folder.</summary>
    public required string Origin { get; init; }

    /// <summary>Full name, for people.</summary>
    public required string Name { get; init; }

    /// <summary>Null if not known.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Names of policies, separated by commas.</summary>
    public string Policy { get; init; } = "";

    public string RunId { get; init; } = "";

    public string MadeOn { get; init; } = "";

    public string Note { get; init; } = "";

    public long UsedBytes { get; init; }

    public long ReferencedBytes { get; init; }

    public long Holds { get; init; }

    /// <summary>The time, by its host's clock, of the newest proof that it is there or gone.</summary>
    public required DateTimeOffset EvidenceAt { get; init; }

    /// <summary>Whether its host's newest list lacks it and the reason is not yet known.</summary>
    public bool IsMissing { get; init; }

    public DateTimeOffset? GoneAt { get; init; }

    public bool IsOwnedBy(string policy) => policy.Length > 0 && Policy.Split(',').Contains(policy);
}
