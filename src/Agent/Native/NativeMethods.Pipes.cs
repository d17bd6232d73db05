using System.Runtime.InteropServices;

namespace Fleet.Agent.Native;

/// <summary>
/// Pipes to and from children. Mono.Posix knows neither pipe2(2), without which a child that another thread starts could inherit an end,
/// nor the size of a pipe's buffer.
/// </summary>
internal static unsafe partial class NativeMethods
{
    public const int NonBlocking = 0x800; // O_NONBLOCK

    [LibraryImport("libc", SetLastError = true)]
    public static partial int pipe2(int* descriptors, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int eventfd(uint initial, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint splice(int from, long* fromOffset, int to, long* toOffset, nuint count, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fcntl(int descriptor, int command, int argument);
}
