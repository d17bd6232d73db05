namespace Fleet.Agent.Zfs;

/// <summary>A snapshot as `zfs list` shows it.</summary>
internal sealed record ZfsSnapshot
{
    public required string Dataset { get; init; }

    /// <summary>What follows the '@'.</summary>
    public required string Name { get; init; }

    /// <summary>Its identity, also that of a copy on another pool.</summary>
    public required ZfsGuid Guid { get; init; }

    /// <summary>Transaction group: the order in which snapshots of one pool were made, whatever the clock did.</summary>
    public required long CreateTransactionGroup { get; init; }

    /// <summary>By the clock of the host that made it. Unit: whole seconds.</summary>
    public required DateTimeOffset Creation { get; init; }

    /// <summary>What would come back if it alone were destroyed.</summary>
    public required long UsedBytes { get; init; }

    public required long ReferencedBytes { get; init; }

    /// <summary>How many holds keep it: zfs-hold(8).</summary>
    public required long Holds { get; init; }

    /// <summary>
    /// The property fleet:policy. Null: none. It may be inherited (<see cref="ZfsDataset.MasksOwnership"/>), so before anything is
    /// destroyed the property's source is asked for as well.
    /// </summary>
    public required string? Policy { get; init; }

    /// <summary>The property fleet:run.</summary>
    public required string? RunId { get; init; }

    /// <summary>The property fleet:host.</summary>
    public required string? HostId { get; init; }

    public string FullName => $"{Dataset}@{Name}";
}
