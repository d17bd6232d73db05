using System.Globalization;
using Fleet.Agent.Zfs;

namespace Fleet.Agent.Actions.Zfs.Replication;

/// <summary>
/// What a replication calls its holds and bookmarks. The policy is part of it, so that several may copy one dataset. Pure.
/// </summary>
internal sealed record ReplicationNames(string Policy)
{
    /// <summary>Tag on the source's snapshots that the copy needs.</summary>
    public string SourceTag { get; } = $"fleet:to:{Policy}";

    /// <summary>Tag on the copy's newest snapshot.</summary>
    public string TargetTag { get; } = $"fleet:from:{Policy}";

    /// <summary>The bookmark of a snapshot that arrived.</summary>
    public string Bookmark(ZfsGuid guid) => string.Create(CultureInfo.InvariantCulture, $"fleet_{Policy}_{guid.Value:x16}");

    /// <summary>The bookmark is one that this replication made: the name says the guid that it has.</summary>
    public bool IsOwn(ZfsBookmark bookmark) => bookmark.Name == Bookmark(bookmark.Guid);
}
