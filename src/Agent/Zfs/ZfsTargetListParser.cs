namespace Fleet.Agent.Zfs;

/// <summary>Reads a line of <see cref="ZfsCommands.Targets"/>. Pure.</summary>
internal static class ZfsTargetListParser
{
    /// <summary>Null: the line has another shape and must be refused.</summary>
    public static ZfsTarget? Parse(ReadOnlySpan<byte> line)
    {
        var columns = new TabReader(line);
        var target = new ZfsTarget(columns.NextText(), columns.NextGuid(), columns.NextNumber());
        return columns.IsWhole && ZfsNames.IsDataset(target.Name) ? target : null;
    }
}
