using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Fleet.Agent.Actions.Rsync.Versions;

/// <summary>The system calls for folders that .NET does not offer: names as bytes, inodes, fsync of a folder.</summary>
internal static unsafe partial class NativeFiles
{
    private const int OpenDirectoryReadOnly = 0x80000; // O_RDONLY | O_CLOEXEC; fsync(2) and /proc/self/fd work on it.
    private const int NoEntry = 2;
    private const int Exists = 17;
    private const int CurrentFolder = -100;
    private const int NoFollow = 0x100;
    private const uint WantTypeAndInode = 0x101;

    /// <returns>A descriptor.</returns>
    /// <exception cref="IOException"/>
    public static SafeFolder Open(ReadOnlySpan<byte> path)
    {
        fixed (byte* p = Terminated(path))
        {
            var descriptor = open(p, OpenDirectoryReadOnly, 0);
            return descriptor >= 0 ? new SafeFolder(descriptor) : throw Error("open", path);
        }
    }

    /// <summary>A folder that exists already is fine.</summary>
    /// <exception cref="IOException"/>
    public static void MakeFolder(ReadOnlySpan<byte> path, uint mode)
    {
        fixed (byte* p = Terminated(path))
        {
            if (mkdir(p, mode) != 0 && Marshal.GetLastPInvokeError() != Exists)
            {
                throw Error("mkdir", path);
            }
        }
    }

    /// <exception cref="IOException"/>
    public static void Rename(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        fixed (byte* a = Terminated(from), b = Terminated(to))
        {
            if (rename(a, b) != 0)
            {
                throw Error("rename", from);
            }
        }
    }

    /// <summary>Inode of a folder; null: there is none of that name, or it is something else. Symbolic links are not followed.</summary>
    /// <exception cref="IOException"/>
    public static ulong? FolderInode(ReadOnlySpan<byte> path)
    {
        // struct statx has one layout on all architectures: mode at 28, inode at 32.
        Span<byte> buffer = stackalloc byte[256];
        fixed (byte* p = Terminated(path), b = buffer)
        {
            if (statx(CurrentFolder, p, NoFollow, WantTypeAndInode, b) != 0)
            {
                return Marshal.GetLastPInvokeError() == NoEntry ? null : throw Error("statx", path);
            }
        }

        var isFolder = (BinaryPrimitives.ReadUInt16LittleEndian(buffer[28..]) & 0xF000) == 0x4000;
        return isFolder ? BinaryPrimitives.ReadUInt64LittleEndian(buffer[32..]) : null;
    }

    private static byte[] Terminated(ReadOnlySpan<byte> path) => [.. path, 0];

    private static IOException Error(string call, ReadOnlySpan<byte> path) =>
        new($"{call} {Tools.LogText.Escape(path)}: {Marshal.GetLastPInvokeErrorMessage()}");

    [LibraryImport("libc", SetLastError = true)]
    private static partial int open(byte* path, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int mkdir(byte* path, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int rename(byte* from, byte* to);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int statx(int folder, byte* path, int flags, uint mask, byte* buffer);

    /// <summary>An open folder. Its name may be any bytes; what lies in it can be reached through <see cref="ProcPath"/>.</summary>
    internal sealed class SafeFolder(int descriptor) : IDisposable
    {
        private int _descriptor = descriptor;

        public string ProcPath { get; } = $"/proc/self/fd/{descriptor}";

        /// <summary>Makes renames and new names in the folder durable.</summary>
        /// <exception cref="IOException"/>
        public void Flush()
        {
            if (fsync(_descriptor) != 0)
            {
                throw new IOException($"fsync of a folder: {Marshal.GetLastPInvokeErrorMessage()}");
            }
        }

        public void Dispose()
        {
            var open = Interlocked.Exchange(ref _descriptor, -1);
            if (open >= 0)
            {
                _ = close(open);
            }
        }
    }
}
