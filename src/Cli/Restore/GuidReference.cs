using System.Globalization;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Restore;

/// <summary>
/// A bookmark or dataset of ZFS as it is named on the command line, <c>tank/data#name=GUID</c> or <c>tank/clone=GUID</c>: the catalogue,
/// which knows the guids of snapshots, does not know them.
/// </summary>
internal static class GuidReference
{
    /// <summary>Null if it is none.</summary>
    public static ZfsSnapshotRef? Parse(string text)
    {
        var end = text.LastIndexOf('=');
        return end > 0 && !text.Contains('@', StringComparison.Ordinal) && text[end - 1] != '#'
            && ulong.TryParse(text.AsSpan(end + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var guid) && guid != 0
                ? new ZfsSnapshotRef { Name = text[..end], Guid = guid }
                : null;
    }
}
