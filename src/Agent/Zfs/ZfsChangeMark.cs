namespace Fleet.Agent.Zfs;

/// <summary>
/// What tells whether the snapshots of a dataset are those that were listed before. A line of <see cref="ZfsCommands.ChangeMarks"/>.
/// </summary>
/// <param name="Origin">
/// The snapshot that it is a clone of: `zfs promote` moves snapshots and changes it. Null if it is not a clone.
/// </param>
/// <param name="SnapshotsChangedSeconds"><see cref="ZfsDataset.SnapshotsChangedSeconds"/>.</param>
internal sealed record ZfsChangeMark(string Name, ZfsGuid Guid, string? Origin, long? SnapshotsChangedSeconds)
{
    /// <summary>False if zfs did not say, so nothing follows from the rest.</summary>
    public bool IsKnown => Guid.Value != 0;

    /// <summary>Of a dataset of which zfs did not say.</summary>
    public static ZfsChangeMark Unknown(string dataset) => new(dataset, default, null, null);

    /// <summary>Null if the line has another shape and must be refused.</summary>
    public static ZfsChangeMark? Parse(ReadOnlySpan<byte> line)
    {
        var columns = new TabReader(line);
        var mark = new ZfsChangeMark(columns.NextText(), columns.NextGuid(), columns.NextTextOrNone(), columns.NextNumberOrNone());
        return columns.IsWhole && ZfsNames.IsDataset(mark.Name) ? mark : null;
    }
}
