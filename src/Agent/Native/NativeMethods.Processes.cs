using System.Runtime.InteropServices;

namespace Fleet.Agent.Native;

/// <summary>Processes: pidfd_open(2), wait4(2) with what they used, prctl(2), priorities.</summary>
internal static unsafe partial class NativeMethods
{
    public const int NoHang = 1; // WNOHANG

    // prctl(2)
    private const int SetChildSubreaper = 36;

    // The same number on every architecture since Linux 5.3.
    private const int PidfdOpenCall = 434;

    /// <summary>Children whose parents die become ours and not init's, so that a whole process group can be waited for.</summary>
    public static void BecomeSubreaper() => _ = prctl(SetChildSubreaper, 1, 0, 0, 0);

    /// <summary>
    /// Nice and I/O priority of the calling thread only; what it starts inherits them. Failure is no reason not to run.
    /// </summary>
    public static void SetThreadPriority(ToolPriority priority)
    {
        if (priority.Nice != 0)
        {
            _ = setpriority(0, 0, priority.Nice);
        }

        if (priority.IoClass != IoClass.None)
        {
            var call = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 30 : 251;
            _ = syscall(call, 1, 0, ((int)priority.IoClass << 13) | (int)priority.IoLevel, 0, 0);
        }
    }

    /// <summary>A descriptor that becomes readable when the process ends; -1 when the kernel does not offer it.</summary>
    public static int OpenProcess(int processId) => (int)syscall(PidfdOpenCall, processId, 0, 0, 0, 0);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int wait4(int processId, int* status, int options, ResourceUsage* usage);

    [LibraryImport("libc")]
    private static partial int prctl(int option, long argument2, long argument3, long argument4, long argument5);

    [LibraryImport("libc")]
    private static partial int setpriority(int which, uint who, int priority);

    /// <summary>struct rusage of getrusage(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ResourceUsage
    {
        public long UserSeconds;
        public long UserMicroseconds;
        public long SystemSeconds;
        public long SystemMicroseconds;
        public long MaxResidentKibibytes;
        public fixed long Rest[13];
    }
}
