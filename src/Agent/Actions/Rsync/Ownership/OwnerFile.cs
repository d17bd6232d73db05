using System.Text;
using System.Text.Json;
using Fleet.Agent.Actions.Rsync.Versions;

namespace Fleet.Agent.Actions.Rsync.Ownership;

/// <summary>
/// Reads and writes <see cref="OwnerMarker"/> in local folders. Whoever owns the folder may have put anything there under that name: links
/// are not followed, and what is no marker is one that nobody understands.
/// </summary>
internal static class OwnerFile
{
    /// <summary>What stands for a marker that cannot be understood.</summary>
    private static readonly OwnerMarker Damaged = new() { Fleet = "", Policy = "?", HostId = "", Host = "?" };

    /// <param name="name">Of the file in the folder.</param>
    /// <returns>Null: there is none, or it came along with a copy of another folder.</returns>
    /// <exception cref="IOException"/>
    public static OwnerMarker? Read(byte[] folder, string name = OwnerMarker.FileName)
    {
        if (NativeFiles.FolderInode(folder) is not { } inode || NativeFiles.ReadFile(PathIn(folder, name), OwnerMarker.MaxBytes) is not { } content)
        {
            return null;
        }

        var marker = Parse(content);
        return marker.Folder == inode || ReferenceEquals(marker, Damaged) ? marker : null;
    }

    /// <summary>Makes the last part of the folder's path if it is missing.</summary>
    /// <exception cref="IOException"/>
    /// <exception cref="UnauthorizedAccessException"/>
    public static void Write(byte[] folder, ActionContext context, string name = OwnerMarker.FileName)
    {
        NativeFiles.MakeFolder(folder, Convert.ToUInt32("755", 8));
        using var open = NativeFiles.Open(folder);
        var inode = NativeFiles.FolderInode(folder) ?? throw new IOException("it is no folder");
        var temporary = $"{open.ProcPath}/{name}.{Guid.NewGuid():N}";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                stream.Write(Content(OwnerMarker.Of(context, inode)));
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, $"{open.ProcPath}/{name}", overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            File.Delete(temporary);
            throw;
        }

        open.Flush();
    }

    public static byte[] Content(OwnerMarker marker) => [.. JsonSerializer.SerializeToUtf8Bytes(marker, OwnerMarkerJson.Default.OwnerMarker), (byte)'\n'];

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

    private static byte[] PathIn(byte[] folder, string name) => [.. folder, (byte)'/', .. Encoding.ASCII.GetBytes(name)];
}
