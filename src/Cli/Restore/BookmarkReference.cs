using System.Globalization;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Restore;

/// <summary>A bookmark of ZFS as it is named on the command line, <c>tank/data#name=GUID</c>: the catalogue does not know bookmarks.</summary>
internal static class BookmarkReference
{
    /// <summary>Null: it is none.</summary>
    public static ZfsSnapshotRef? Parse(string text)
    {
        var end = text.LastIndexOf('=');
        return end > 0 && text.IndexOf('#', StringComparison.Ordinal) is > 0 and var at && at < end - 1
            && ulong.TryParse(text.AsSpan(end + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var guid) && guid != 0
                ? new ZfsSnapshotRef { Name = text[..end], Guid = guid }
                : null;
    }
}
