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

    /// <summary>
    /// Name of the folder that holds it: the name itself once complete. Decides the name of the record's file, so that a
    /// crash between writing the final record and renaming the folder leaves one valid record in any case.
    /// </summary>
    public required string Folder { get; init; }
}
