using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Fleet.Agent.Actions.Rsync.Versions;

/// <summary>The system calls for folders that .NET does not offer: names as bytes, inodes, fsync of a folder.</summary>
internal static unsafe partial class NativeFiles
{
    private const int OpenDirectoryReadOnly = 0x80000; // O_RDONLY | O_CLOEXEC; fsync(2) and /proc/self/fd work on it.
    private const int NoEntry = 2;
    private const int NotAFolder = 20;
    private const int Exists = 17;
    private const int CurrentFolder = -100;

    // O_NOFOLLOW differs by architecture: include/uapi/asm/fcntl.h.
    private static readonly int NoFollowLinks = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x8000 : 0x20000;
    private const int NoFollow = 0x100;
    private const uint WantTypeAndInode = 0x101;
    private const int Folder = 0x4000;
    private const int RegularFile = 0x8000;

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
        return Look(path) is (Folder, var inode) ? inode : null;
    }

    /// <summary>Its type as in st_mode, and its inode; null: there is nothing of that name. Symbolic links are not followed.</summary>
    private static (int Type, ulong Inode)? Look(ReadOnlySpan<byte> path)
    {
        // struct statx has one layout on all architectures: mode at 28, inode at 32.
        Span<byte> buffer = stackalloc byte[256];
        fixed (byte* p = Terminated(path), b = buffer)
        {
            if (statx(CurrentFolder, p, NoFollow, WantTypeAndInode, b) != 0)
            {
                return Marshal.GetLastPInvokeError() is NoEntry or NotAFolder ? null : throw Error("statx", path);
            }
        }

        return (BinaryPrimitives.ReadUInt16LittleEndian(buffer[28..]) & 0xF000, BinaryPrimitives.ReadUInt64LittleEndian(buffer[32..]));
    }

    /// <summary>Content of a file that is no link; null: there is none of that name, or it is longer, or something else.</summary>
    /// <exception cref="IOException"/>
    public static byte[]? ReadFile(ReadOnlySpan<byte> path, int maxBytes)
    {
        const int ReadOnlyNoWait = 0x80000 | 0x800; // O_CLOEXEC | O_NONBLOCK: a pipe must not hold whoever looks at it.
        const int TooManyLinks = 40; // ELOOP, with O_NOFOLLOW
        if (Look(path) is not (RegularFile, _))
        {
            return null;
        }

        fixed (byte* p = Terminated(path))
        {
            var descriptor = open(p, ReadOnlyNoWait | NoFollowLinks, 0);
            if (descriptor < 0)
            {
                return Marshal.GetLastPInvokeError() is NoEntry or NotAFolder or TooManyLinks ? null : throw Error("open", path);
            }

            using var file = new SafeFileHandle(descriptor, ownsHandle: true);
            var content = new byte[maxBytes + 1];
            var length = RandomAccess.Read(file, content, 0);
            return length > maxBytes ? null : content[..length];
        }
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
            const int InvalidArgument = 22; // a file system that cannot sync folders needs no sync of them
            if (fsync(_descriptor) != 0 && Marshal.GetLastPInvokeError() != InvalidArgument)
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
