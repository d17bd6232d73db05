using System.Text;

namespace Fleet.Agent.Zfs;

/// <summary>A file system or volume as `zfs list` shows it: zfsprops(7).</summary>
internal sealed record ZfsDataset
{
    public required string Name { get; init; }

    public required ZfsGuid Guid { get; init; }

    public required ZfsDatasetType Type { get; init; }

    /// <summary>Used by itself, its descendants and its snapshots.</summary>
    public required long UsedBytes { get; init; }

    public required long AvailableBytes { get; init; }

    public required long ReferencedBytes { get; init; }

    /// <summary>For itself and everything below it. Null if there is no limit, or for a volume.</summary>
    public required long? QuotaBytes { get; init; }

    /// <summary>For itself alone. Null if there is no limit, or for a volume.</summary>
    public required long? ReferencedQuotaBytes { get; init; }

    public required bool ReadOnly { get; init; }

    /// <summary>The dataset that its key belongs to. Null if it is not encrypted.</summary>
    public required string? EncryptionRoot { get; init; }

    /// <summary>The key is loaded. Null if it is not encrypted.</summary>
    public required bool? KeyAvailable { get; init; }

    /// <summary>Null for a volume.</summary>
    public required bool? Mounted { get; init; }

    /// <summary>"on", "off" or "noauto". Null for a volume.</summary>
    public required string? CanMount { get; init; }

    /// <summary>The snapshot that it is a clone of. Null if it is not a clone.</summary>
    public required string? Origin { get; init; }

    /// <summary>Bytes written since its newest snapshot, whoever made that.</summary>
    public required long WrittenBytes { get; init; }

    /// <summary>
    /// When a snapshot of it was last made, destroyed or renamed, in whole seconds since 1970. Null if never, or if the release
    /// (before 2.2) does not know.
    /// </summary>
    public required long? SnapshotsChangedSeconds { get; init; }

    /// <summary>The token that an interrupted `zfs receive -s` left. Null if there is none.</summary>
    public required string? ReceiveResumeToken { get; init; }

    /// <summary>
    /// It carries the property fleet:policy, which its snapshots then inherit, so nothing tells which of them Fleet made.
    /// </summary>
    public required bool MasksOwnership { get; init; }

    /// <summary>A path, "legacy" or "none". Null for a volume. If it contains a line end, only the part before it.</summary>
    public required string? MountPoint { get; init; }

    public ZfsChangeMark Mark => new(Name, Guid, Origin, SnapshotsChangedSeconds);

    public string Pool => ZfsNames.PoolOf(Name);

    /// <summary>Null if the line has another shape and must be refused.</summary>
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

internal enum ZfsDatasetType
{
    FileSystem,
    Volume,
}
