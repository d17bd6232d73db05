namespace Fleet.Agent.Zfs;

/// <summary>
/// A snapshot's name and identity: what zfs lists without reading each one's properties. A line of <see cref="ZfsCommands.SnapshotIds"/>.
/// </summary>
internal sealed record ZfsSnapshotId(string FullName, ZfsGuid Guid, long CreateTransactionGroup)
{
    public string Dataset => DatasetOf(FullName);

    public static string DatasetOf(string snapshot) => snapshot[..snapshot.IndexOf('@', StringComparison.Ordinal)];

    public static ZfsSnapshotId Of(ZfsSnapshot snapshot) => new(snapshot.FullName, snapshot.Guid, snapshot.CreateTransactionGroup);

    /// <summary>Of which no more than the name is known. Equal to no other.</summary>
    public static ZfsSnapshotId Unknown(string fullName) => new(fullName, default, 0);

    /// <summary>Null if the line has another shape and must be refused.</summary>
    public static ZfsSnapshotId? Parse(ReadOnlySpan<byte> line)
    {
        var columns = new TabReader(line);
        var id = new ZfsSnapshotId(columns.NextText(), columns.NextGuid(), columns.NextNumber());
        var at = id.FullName.IndexOf('@', StringComparison.Ordinal);
        return columns.IsWhole
            && at > 0
            && ZfsNames.IsDataset(id.FullName.AsSpan(0, at))
            && ZfsNames.IsSnapshotPart(id.FullName.AsSpan(at + 1))
            ? id
            : null;
    }
}
