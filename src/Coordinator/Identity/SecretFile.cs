using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

namespace Fleet.Coordinator.Identity;

/// <summary>Writes files that must be whole or absent after a power loss, and that nobody else may read.</summary>
internal static class SecretFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int ReadOnlyDirectory = 0x10000 | 0x80000; // O_RDONLY | O_DIRECTORY | O_CLOEXEC, asm-generic/fcntl.h

    /// <summary>Replaces the file by writing another beside it, mode 0600, and renaming; both are synced to the disk.</summary>
    public static void Write(string path, string text)
    {
        var temporary = path + ".new";
        File.Delete(temporary);
        using (var file = new FileStream(temporary, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = OwnerOnly,
        }))
        {
            file.Write(Encoding.UTF8.GetBytes(text));
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
        SyncDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Removes other users' permissions, in case a restored backup has granted any.</summary>
    /// <returns>True if there were any.</returns>
    public static bool Restrict(string path)
    {
        var mode = File.GetUnixFileMode(path);
        if ((mode & ~OwnerOnly) == 0)
        {
            return false;
        }

        File.SetUnixFileMode(path, mode & OwnerOnly);
        return true;
    }

    private static void SyncDirectory(string directory)
    {
        // .NET cannot open directories; without this sync, the rename itself could be lost.
        var descriptor = open(Encoding.UTF8.GetBytes(directory + "\0"), ReadOnlyDirectory);
        if (descriptor < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"open({directory})");
        }

        try
        {
            if (fsync(descriptor) != 0)
            {
                throw new Win32Exception(Marshal.GetLastPInvokeError(), $"fsync({directory})");
            }
        }
        finally
        {
            _ = close(descriptor);
        }
    }

#pragma warning disable IDE1006, CA5392, SYSLIB1054 // These are the C library's own names, and it is always loaded.
    [DllImport("libc", SetLastError = true)]
    private static extern int open(byte[] path, int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int fsync(int descriptor);

    [DllImport("libc", SetLastError = true)]
    private static extern int close(int descriptor);
#pragma warning restore IDE1006, CA5392, SYSLIB1054
}
