namespace Fleet.Agent.Zfs.Pool;

/// <summary>A pool as `zpool list` shows it. If devices are missing, most figures are unknown: null.</summary>
internal sealed record ZfsPool
{
    public required string Name { get; init; }

    public required ZfsGuid Guid { get; init; }

    /// <summary>Of all devices, redundancy included.</summary>
    public required long? SizeBytes { get; init; }

    public required long? AllocatedBytes { get; init; }

    public required long? FreeBytes { get; init; }

    /// <summary>Space of destroyed datasets that is still being freed in the background.</summary>
    public required long? FreeingBytes { get; init; }

    /// <summary>Of the free space, 0 to 100. Null also for a pool without the feature spacemap_histogram.</summary>
    public required long? FragmentationPercent { get; init; }

    /// <summary>Allocated, of the size, 0 to 100.</summary>
    public required long? CapacityPercent { get; init; }

    public required ZfsHealth Health { get; init; }

    /// <summary>Imported read-only. Null if not known.</summary>
    public required bool? ReadOnly { get; init; }

    /// <summary>Its datasets can be read now.</summary>
    public bool Answers => Health is ZfsHealth.Online or ZfsHealth.Degraded;

    /// <summary>Null if the line has another shape and must be refused.</summary>
    public static ZfsPool? Parse(ReadOnlySpan<byte> line)
    {
        var columns = new TabReader(line);
        var pool = new ZfsPool
        {
            Name = columns.NextText(),
            Guid = columns.NextGuid(),
            SizeBytes = columns.NextNumberOrNone(),
            AllocatedBytes = columns.NextNumberOrNone(),
            FreeBytes = columns.NextNumberOrNone(),
            FreeingBytes = columns.NextNumberOrNone(),
            FragmentationPercent = columns.NextNumberOrNone(),
            CapacityPercent = columns.NextNumberOrNone(),
            Health = ReadHealth(ref columns),
            ReadOnly = columns.NextFlagOrNone("on"u8, "off"u8),
        };
        return columns.IsWhole && ZfsNames.IsPool(pool.Name) ? pool : null;
    }

    private static ZfsHealth ReadHealth(ref TabReader columns)
    {
        if (!ZfsHealthParser.TryParse(columns.Next(), out var health))
        {
            columns.Refuse();
        }

        return health;
    }
}
