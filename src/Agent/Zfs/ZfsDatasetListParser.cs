using System.Text;

namespace Fleet.Agent.Zfs;

/// <summary>Reads a line of <see cref="ZfsCommands.Datasets"/>. Pure.</summary>
internal static class ZfsDatasetListParser
{
    /// <summary>Null: the line has another shape and must be refused.</summary>
    /// <param name="withSnapshotsChanged">The column snapshots_changed was asked for.</param>
    public static ZfsDataset? Parse(ReadOnlySpan<byte> line, bool withSnapshotsChanged)
    {
        var columns = new TabReader(line);
        var dataset = new ZfsDataset
        {
            Name = columns.NextText(),
            Guid = columns.NextGuid(),
            Type = columns.NextFlag("volume"u8, "filesystem"u8) ? ZfsDatasetType.Volume : ZfsDatasetType.FileSystem,
            UsedBytes = columns.NextNumber(),
            AvailableBytes = columns.NextNumber(),
            ReferencedBytes = columns.NextNumber(),
            QuotaBytes = NoneIfZero(columns.NextNumberOrNone()),
            ReferencedQuotaBytes = NoneIfZero(columns.NextNumberOrNone()),
            ReadOnly = columns.NextFlag("on"u8, "off"u8),
            EncryptionRoot = columns.NextTextOrNone(),
            KeyAvailable = columns.NextFlagOrNone("available"u8, "unavailable"u8),
            Mounted = columns.NextFlagOrNone("yes"u8, "no"u8),
            CanMount = columns.NextTextOrNone(),
            Origin = columns.NextTextOrNone(),
            WrittenBytes = columns.NextNumber(),
            SnapshotsChangedSeconds = withSnapshotsChanged ? columns.NextNumberOrNone() : null,
            ReceiveResumeToken = columns.NextTextOrNone(),
            MasksOwnership = columns.NextTextOrNone() is not null,
            MountPoint = columns.Rest() is var path && path.SequenceEqual("-"u8) ? null : Encoding.UTF8.GetString(path),
        };
        return columns.IsWhole && ZfsNames.IsDataset(dataset.Name) ? dataset : null;
    }

    private static long? NoneIfZero(long? limit) => limit is 0 ? null : limit;
}
