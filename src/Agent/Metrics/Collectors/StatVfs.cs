using System.Runtime.InteropServices;
using Fleet.Agent.Native;
using Mono.Unix.Native;

namespace Fleet.Agent.Metrics.Collectors;

/// <summary>fstatvfs(3). Sleeps forever, beyond the reach of signals, on a hard NFS mount whose server is gone.</summary>
internal static class StatVfs
{
    /// <param name="path">Need not be UTF-8, which is why it is opened here and not by Mono.Posix.</param>
    public static FileSystemUsage Read(ReadOnlySpan<byte> path)
    {
        var root = NativeMethods.Open(path, NativeMethods.PathOnly);
        if (root < 0)
        {
            return Failed();
        }

        var usage = Syscall.fstatvfs(root, out var facts) != 0 ? Failed() : Of(facts);
        _ = Syscall.close(root);
        return usage;
    }

    private static FileSystemUsage Of(Statvfs facts)
    {
        double fragment = facts.f_frsize;
        return new FileSystemUsage(
            facts.f_blocks * fragment,
            facts.f_bfree * fragment,
            facts.f_bavail * fragment,
            facts.f_files,
            facts.f_ffree,
            (facts.f_flag & MountFlags.ST_RDONLY) != 0,
            Error: 0);
    }

    private static FileSystemUsage Failed() => new(0, 0, 0, 0, 0, false, Marshal.GetLastPInvokeError());
}

/// <summary>What statvfs(3) says of a mounted file system.</summary>
/// <param name="FreeBytes">Free to root.</param>
/// <param name="AvailableBytes">Free to others than root.</param>
/// <param name="Error">errno; 0: the other fields hold.</param>
internal readonly record struct FileSystemUsage(
    double SizeBytes, double FreeBytes, double AvailableBytes, double Inodes, double FreeInodes, bool ReadOnly, int Error);
