using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Fleet.Agent.Files;

internal sealed unsafe partial class OpenPath
{
    private const int CurrentFolder = -100; // AT_FDCWD
    private const nint OpenAt2 = 437; // the same number on every architecture
    private const int NoEntry = 2, Exists = 17, CrossDevice = 18, NoFolder = 20, Invalid = 22, Loop = 40;
    private const ulong PathOnly = 0x200000, CloseOnExec = 0x80000; // O_PATH, O_CLOEXEC
    private const uint NoReplace = 1; // RENAME_NOREPLACE
    private const int EmptyPath = 0x1000; // AT_EMPTY_PATH
    private const int RemoveDirectory = 0x200; // AT_REMOVEDIR

    // O_DIRECTORY and O_NOFOLLOW differ between architectures: fcntl.h.
    private static readonly ulong OnlyFolder = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 0x10000UL : 0x4000UL;
    private static readonly ulong NoFollow = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 0x20000UL : 0x8000UL;

    private static int Open(int folder, ReadOnlySpan<byte> path, How how)
    {
        fixed (byte* p = Terminated(path))
        {
            return (int)syscall(OpenAt2, folder, p, &how, sizeof(How));
        }
    }

    private static bool IsLink(int descriptor)
    {
        var facts = stackalloc byte[256];
        byte nothing = 0;
        return statx(descriptor, &nothing, EmptyPath, 1, facts) == 0 && (BinaryPrimitives.ReadUInt16LittleEndian(new ReadOnlySpan<byte>(facts + 28, 2)) & 0xF000) == 0xA000;
    }

    private static byte[] Terminated(ReadOnlySpan<byte> path) => [.. path, 0];

    private static IOException Error(string call, ReadOnlySpan<byte> path) =>
        new($"{call}{(path.IsEmpty ? "" : " ")}{Tools.LogText.Escape(path)}: {Marshal.GetLastPInvokeErrorMessage()}");

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint folder, byte* path, How* how, nint size);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int mkdirat(int folder, byte* path, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int statx(int folder, byte* path, int flags, uint mask, byte* buffer);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int renameat2(int fromFolder, byte* from, int toFolder, byte* to, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int linkat(int fromFolder, byte* from, int toFolder, byte* to, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int unlinkat(int folder, byte* path, int flags);

    /// <summary>struct open_how of openat2(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct How
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }
}
