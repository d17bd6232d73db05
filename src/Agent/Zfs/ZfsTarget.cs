namespace Fleet.Agent.Zfs;

/// <summary>A dataset that a snapshot can be made of.</summary>
/// <param name="WrittenBytes">Since its newest snapshot, whoever made that.</param>
internal sealed record ZfsTarget(string Name, ZfsGuid Guid, long WrittenBytes)
{
    public string Pool => ZfsNames.PoolOf(Name);

    /// <summary>Null if the line has another shape and must be refused.</summary>
    public static ZfsTarget? Parse(ReadOnlySpan<byte> line)
    {
        var columns = new TabReader(line);
        var target = new ZfsTarget(columns.NextText(), columns.NextGuid(), columns.NextNumber());
        return columns.IsWhole && ZfsNames.IsDataset(target.Name) ? target : null;
    }
}
