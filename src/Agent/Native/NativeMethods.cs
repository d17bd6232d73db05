using System.Runtime.InteropServices;

namespace Fleet.Agent.Native;

/// <summary>
/// The system calls that the agent needs and neither .NET nor Mono.Posix offers: one file per purpose, and no imports anywhere else.
/// Numbers and layouts are those of Linux with glibc on x86-64 and arm64. Calls that give -1 set errno, which is
/// <see cref="Marshal.GetLastPInvokeError"/>.
/// </summary>
internal static unsafe partial class NativeMethods
{
    public const int CloseOnExec = 0x80000; // O_CLOEXEC, and of what makes descriptors otherwise
    public const int ErrorInterrupted = 4; // EINTR

    /// <summary>What libc has no function for, or only in releases newer than those that the agent runs on.</summary>
    [LibraryImport("libc", SetLastError = true)]
    public static partial nint syscall(nint number, nint argument1, nint argument2, nint argument3, nint argument4, nint argument5);
}
