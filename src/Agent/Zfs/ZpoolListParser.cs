namespace Fleet.Agent.Zfs;

/// <summary>Reads a line of <see cref="ZfsCommands.Pools"/>. Pure.</summary>
internal static class ZpoolListParser
{
    /// <summary>Null: the line has another shape and must be refused.</summary>
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
            Health = Health(ref columns),
            ReadOnly = columns.NextFlagOrNone("on"u8, "off"u8),
        };
        return columns.IsWhole && ZfsNames.IsPool(pool.Name) ? pool : null;
    }

    private static ZfsHealth Health(ref TabReader columns)
    {
        if (!ZfsHealthParser.TryParse(columns.Next(), out var health))
        {
            columns.Refuse();
        }

        return health;
    }
}
