using System.Runtime.InteropServices;
using System.Text;
using Mono.Unix.Native;

namespace Fleet.Agent.Storage;

/// <summary>Writes that survive a power loss: content, then name, then folder are forced to disk.</summary>
internal static class DurableFile
{
    public const UnixFileMode PrivateFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    public const UnixFileMode PrivateFolder = PrivateFile | UnixFileMode.UserExecute;

    /// <summary>Replaces a file as a whole: a reader sees the old content or the new one.</summary>
    /// <exception cref="IOException">Nothing was replaced.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var temporary = path + ".new";
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = PrivateFile,
            BufferSize = 0,
        };
        using (var stream = new FileStream(temporary, options))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
        SyncFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Null if it does not exist.</summary>
    public static byte[]? ReadIfExists(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (DirectoryNotFoundException)
        {
            return null;
        }
    }

    public static void CreateFolder(string path)
    {
        if (!Directory.Exists(path))
        {
            Directory.CreateDirectory(path, PrivateFolder);
            if (Path.GetDirectoryName(path) is { Length: > 0 } parent)
            {
                SyncFolder(parent);
            }
        }
    }

    /// <summary>Makes creations, renames and removals in a folder durable; .NET offers no way to.</summary>
    public static void SyncFolder(string path)
    {
        var descriptor = Syscall.open(path, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC);
        if (descriptor < 0)
        {
            throw new IOException($"cannot open {path}: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        var result = Syscall.fsync(descriptor);
        var error = Marshal.GetLastPInvokeError();
        _ = Syscall.close(descriptor);
        const int InvalidArgument = 22; // a file system that cannot sync folders needs no sync of them
        if (result != 0 && error != InvalidArgument)
        {
            throw new IOException($"cannot sync {path}: {Marshal.GetPInvokeErrorMessage(error)}");
        }
    }

    public static void WriteText(string path, string text) => Write(path, Encoding.UTF8.GetBytes(text));
}
