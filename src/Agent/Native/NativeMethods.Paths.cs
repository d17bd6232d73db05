using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Fleet.Agent.Native;

/// <summary>
/// Calls that take a path or a name. They take its bytes: a name in a file system is not text, and there are names that Mono.Posix's
/// encoding of them turns into other names. What is open goes to Mono.Posix by its descriptor.
/// </summary>
internal static unsafe partial class NativeMethods
{
    public const int CurrentFolder = -100; // AT_FDCWD
    public const int PathOnly = 0x200000; // O_PATH

    private const nint OpenAt2Call = 437; // the same number on every architecture
    private const int NotFollowed = 0x100; // AT_SYMLINK_NOFOLLOW

    // O_DIRECTORY and O_NOFOLLOW differ between architectures: fcntl.h.
    public static readonly int OnlyFolder = IsArm ? 0x4000 : 0x10000;
    public static readonly int NoFollow = IsArm ? 0x8000 : 0x20000;

    private static bool IsArm => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    /// <summary>A descriptor that closes on exec; -1: errno says why.</summary>
    public static int Open(ReadOnlySpan<byte> path, int flags)
    {
        fixed (byte* p = Terminated(path))
        {
            return (int)syscall(IsArm ? 56 : 257, CurrentFolder, (nint)p, flags | CloseOnExec, 0, 0); // openat
        }
    }

    /// <inheritdoc cref="Open(ReadOnlySpan{byte}, int)"/>
    /// <param name="folder">Where a relative path begins.</param>
    /// <param name="resolve">RESOLVE_* of openat2(2).</param>
    public static int Open(int folder, ReadOnlySpan<byte> path, long flags, int resolve)
    {
        var how = stackalloc long[3] { flags | CloseOnExec, 0, resolve }; // struct open_how
        fixed (byte* p = Terminated(path))
        {
            return (int)syscall(OpenAt2Call, folder, (nint)p, (nint)how, 24, 0);
        }
    }

    /// <summary>
    /// Owner and mode of what a path names itself; links are not followed, and an automount point is mounted, which stat(2) does not do:
    /// the owner of what will be there is the one that counts. Null on failure: errno says why.
    /// </summary>
    public static (uint Owner, int Mode)? Look(ReadOnlySpan<byte> path)
    {
        // struct statx of statx(2): the same on every architecture.
        var facts = stackalloc byte[256];
        fixed (byte* p = Terminated(path))
        {
            const uint TypeModeOwner = 0x1 | 0x2 | 0x8;
            if (statx(CurrentFolder, p, NotFollowed, TypeModeOwner, facts) != 0)
            {
                return null;
            }
        }

        var bytes = new ReadOnlySpan<byte>(facts, 256);
        return (BinaryPrimitives.ReadUInt32LittleEndian(bytes[20..]), BinaryPrimitives.ReadUInt16LittleEndian(bytes[28..]));
    }

    /// <summary>realpath(3). Null on failure: errno says why.</summary>
    public static byte[]? RealPath(ReadOnlySpan<byte> path)
    {
        const int PathMax = 4096;
        var resolved = stackalloc byte[PathMax];
        fixed (byte* p = Terminated(path))
        {
            return realpath(p, resolved) is null ? null : MemoryMarshal.CreateReadOnlySpanFromNullTerminated(resolved).ToArray();
        }
    }

    public static byte[] Terminated(ReadOnlySpan<byte> text) => [.. text, 0];

    [LibraryImport("libc", SetLastError = true)]
    public static partial int mkdirat(int folder, byte* path, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int renameat2(int fromFolder, byte* from, int toFolder, byte* to, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int linkat(int fromFolder, byte* from, int toFolder, byte* to, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int unlinkat(int folder, byte* path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int statx(int folder, byte* path, int flags, uint mask, byte* facts);

    [LibraryImport("libc", SetLastError = true)]
    private static partial byte* realpath(byte* path, byte* resolved);
}
