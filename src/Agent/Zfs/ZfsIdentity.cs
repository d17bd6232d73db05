namespace Fleet.Agent.Zfs;

/// <summary>What must hold of a snapshot at the moment when something is done to it.</summary>
internal sealed record ZfsIdentity
{
    /// <summary>Full name.</summary>
    public required string Snapshot { get; init; }

    public required ZfsGuid Guid { get; init; }

    public required long Holds { get; init; }

    /// <summary>fleet:policy, set on the snapshot itself. Null: none.</summary>
    public required string? Policy { get; init; }

    /// <summary>fleet:run, set on the snapshot itself. Null: none.</summary>
    public required string? RunId { get; init; }
}
