using System.Text.Json.Serialization;

namespace Fleet.Agent.Actions.Rsync.Versions;

/// <summary>
/// Fleet's marker for one dated tree: a file beside the trees, at DESTINATION/.fleet/FOLDER.json, so that the tree itself equals
/// its source. A tree without one is not Fleet's and is never touched.
/// </summary>
internal sealed record VersionRecord
{
    /// <summary>Name of the finished tree.</summary>
    public required string Name { get; init; }

    public required string Policy { get; init; }

    public required string RunId { get; init; }

    public required string HostId { get; init; }

    /// <summary>The instant that the run was scheduled for.</summary>
    public required DateTimeOffset Instant { get; init; }

    /// <summary>Inode of the tree's folder: what is removed is checked by it, not by its name. It survives the renaming.</summary>
    public required ulong Inode { get; init; }

    /// <summary>False from before the first byte is written until the tree has its final name.</summary>
    public required bool Complete { get; init; }

    /// <summary>Something could not be read: it is kept for what is there, and counts as no copy.</summary>
    public bool Incomplete { get; init; }

    /// <summary>It holds far less than the last good tree, and nobody has said yet that this is right: it counts as no copy.</summary>
    public bool Shrunken { get; init; }

    /// <summary>Files, folders and links. 0: not known.</summary>
    public long Entries { get; init; }

    /// <summary>Sum of the sizes of its files.</summary>
    public long Bytes { get; init; }

    /// <summary>A copy that retention counts on.</summary>
    [JsonIgnore]
    public bool IsGood => Complete && !Incomplete && !Shrunken;

    /// <summary>
    /// Name of the folder that holds it: the name itself once complete, with an ending that says so when it is incomplete. Decides the name
    /// of the record's file, so that a crash between writing the final record and renaming the folder leaves one valid record in any case.
    /// </summary>
    public required string Folder { get; init; }
}
