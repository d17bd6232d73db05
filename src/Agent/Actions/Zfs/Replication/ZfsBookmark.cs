using Fleet.Agent.Zfs;

namespace Fleet.Agent.Actions.Zfs.Replication;

/// <summary>
/// A bookmark: what is left of a snapshot so that an increment can still be made from it. It costs nothing and outlives the snapshot:
/// zfs-bookmark(8).
/// </summary>
/// <param name="Name">What follows the '#'.</param>
/// <param name="Guid">Of the snapshot that it was made of.</param>
/// <param name="CreateTransactionGroup">Of the snapshot that it was made of.</param>
internal sealed record ZfsBookmark(string Dataset, string Name, ZfsGuid Guid, long CreateTransactionGroup, DateTimeOffset Creation)
{
    public string FullName => $"{Dataset}#{Name}";

    /// <summary>Reads a line of <see cref="ReplicationCommands.Bookmarks"/>. Null if it has another shape and must be refused.</summary>
    public static ZfsBookmark? Parse(ReadOnlySpan<byte> line)
    {
        var columns = new TabReader(line);
        var name = columns.NextText();
        var mark = name.IndexOf('#', StringComparison.Ordinal);
        var (guid, group, seconds) = (columns.NextGuid(), columns.NextNumber(), columns.NextNumber());
        return columns.IsWhole && mark > 0 && ZfsNames.IsDataset(name.AsSpan(0, mark)) && ZfsNames.IsSnapshotPart(name.AsSpan(mark + 1))
            && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? new ZfsBookmark(name[..mark], name[(mark + 1)..], guid, group, DateTimeOffset.FromUnixTimeSeconds(seconds))
            : null;
    }
}
