using System.Text;
using System.Text.Json;
using Fleet.Agent.Files;

namespace Fleet.Agent.Actions.Rsync.Ownership;

/// <summary>
/// Reads and writes <see cref="OwnerMarker"/> in folders that are open. Whoever owns the folder may have put anything there under that
/// name: links are not followed, and what is not a marker counts as one that nobody understands.
/// </summary>
internal static class OwnerFile
{
    /// <summary>What stands for a marker that cannot be understood.</summary>
    private static readonly OwnerMarker Damaged = new() { Fleet = "", Policy = "?", HostId = "", Host = "?" };

    /// <param name="name">Of the file, relative to the folder.</param>
    /// <returns>Null if there is none, or it came along with a copy of another folder.</returns>
    /// <exception cref="IOException"/>
    /// <exception cref="UnauthorizedAccessException"/>
    public static OwnerMarker? Read(OpenPath folder, string name = OwnerMarker.FileName)
    {
        if (!folder.IsFolder || folder.ReadFile(Encoding.ASCII.GetBytes(name), OwnerMarker.MaxBytes) is not { } content)
        {
            return null;
        }

        var marker = Parse(content);
        return marker.Folder == folder.Inode || ReferenceEquals(marker, Damaged) ? marker : null;
    }

    /// <param name="name">As of <see cref="Read"/>.</param>
    /// <exception cref="IOException"/>
    /// <exception cref="UnauthorizedAccessException"/>
    public static void Write(OpenPath folder, ActionContext context, string name = OwnerMarker.FileName)
    {
        var slash = name.LastIndexOf('/');
        using var place = folder.Below(Encoding.ASCII.GetBytes(name[..Math.Max(0, slash)]), out _, out var message);
        if (place is not { IsFolder: true })
        {
            throw new IOException(message.Length > 0 ? message : "it is not a folder");
        }

        place.WriteFile(name[(slash + 1)..], Content(OwnerMarker.Of(context, folder.Inode)));
    }

    public static byte[] Content(OwnerMarker marker) =>
        [.. JsonSerializer.SerializeToUtf8Bytes(marker, OwnerMarkerJson.Default.OwnerMarker), (byte)'\n'];

    public static OwnerMarker Parse(byte[] content)
    {
        try
        {
            return JsonSerializer.Deserialize(content, OwnerMarkerJson.Default.OwnerMarker) ?? Damaged;
        }
        catch (JsonException)
        {
            return Damaged;
        }
    }
}
