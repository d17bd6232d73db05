using System.Globalization;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Restore;

/// <summary>
/// A ZFS bookmark or dataset as it is named on the command line: <c>tank/data#name=GUID</c> or <c>tank/clone=GUID</c>. The GUID is needed
/// because the catalogue knows only those of snapshots.
/// </summary>
internal static class GuidReference
{
    /// <summary>Null if the text does not have that form.</summary>
    public static ZfsSnapshotRef? Parse(string text)
    {
        var end = text.LastIndexOf('=');
        return end > 0 && !text.Contains('@', StringComparison.Ordinal) && text[end - 1] != '#'
            && ulong.TryParse(text.AsSpan(end + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var guid) && guid != 0
                ? new ZfsSnapshotRef { Name = text[..end], Guid = guid }
                : null;
    }
}
