using System.Runtime.InteropServices;

namespace Fleet.Agent.Metrics.FileSystems;

/// <summary>statvfs(3). Sleeps forever, beyond the reach of signals, on a hard NFS mount whose server is gone.</summary>
internal static partial class StatVfs
{
    private const ulong ReadOnlyFlag = 1;

    /// <param name="path">Ends in a zero byte; need not be UTF-8.</param>
    public static FileSystemUsage Read(ReadOnlySpan<byte> path)
    {
        if (Call(in MemoryMarshal.GetReference(path), out var result) != 0)
        {
            return new FileSystemUsage(0, 0, 0, 0, 0, false, Marshal.GetLastPInvokeError());
        }

        double fragment = result.FragmentSize;
        return new FileSystemUsage(
            result.Blocks * fragment,
            result.BlocksFree * fragment,
            result.BlocksAvailable * fragment,
            result.Inodes,
            result.InodesFree,
            (result.Flags & ReadOnlyFlag) != 0,
            Error: 0);
    }

    [LibraryImport("libc", EntryPoint = "statvfs64", SetLastError = true)]
    private static partial int Call(in byte path, out Result result);

    /// <summary>struct statvfs64 of glibc on 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 112)]
    private struct Result
    {
        [FieldOffset(8)]
        public ulong FragmentSize;

        [FieldOffset(16)]
        public ulong Blocks;

        [FieldOffset(24)]
        public ulong BlocksFree;

        [FieldOffset(32)]
        public ulong BlocksAvailable;

        [FieldOffset(40)]
        public ulong Inodes;

        [FieldOffset(48)]
        public ulong InodesFree;

        [FieldOffset(72)]
        public ulong Flags;
    }
}
