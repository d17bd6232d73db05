using System.Runtime.InteropServices;

namespace Fleet.Agent.Tools;

/// <summary>
/// The system calls that the tool runner needs and .NET does not offer. Numbers and layouts are those of Linux with glibc on
/// x86-64 and arm64.
/// </summary>
internal static unsafe partial class NativeMethods
{
    public const int CloseOnExec = 0x80000;
    public const int NonBlocking = 0x800;
    public const int NoHang = 1;
    public const int SignalKill = 9;
    public const int SignalTerminate = 15;
    public const int ErrorInterrupted = 4;
    public const int ErrorAgain = 11;
    public const int ErrorNoChild = 10;
    public const short PollIn = 1;

    // spawn.h
    public const short SpawnSetSignalDefault = 0x04;
    public const short SpawnSetSignalMask = 0x08;
    public const short SpawnSetSession = 0x80;

    // prctl(2)
    private const int SetChildSubreaper = 36;

    // The same number on every architecture since Linux 5.3.
    private const long PidfdOpenCall = 434;

    /// <summary>Children whose parents die become ours and not init's, so that a whole process group can be waited for.</summary>
    public static void BecomeSubreaper() => _ = prctl(SetChildSubreaper, 1, 0, 0, 0);

    /// <summary>Nice and I/O priority of the calling thread only; what it starts inherits them. Failing to is no reason not to run.</summary>
    public static void SetThreadPriority(ToolPriority priority)
    {
        if (priority.Nice != 0)
        {
            _ = setpriority(0, 0, priority.Nice);
        }

        if (priority.IoClass != IoClass.None)
        {
            long call = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 30 : 251;
            _ = syscall(call, 1, 0, ((long)priority.IoClass << 13) | (long)priority.IoLevel);
        }
    }

    /// <summary>A descriptor that becomes readable when the process ends; -1 when the kernel does not offer it.</summary>
    public static int OpenProcess(int processId) => (int)syscall(PidfdOpenCall, processId, 0, 0);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int pipe2(int* descriptors, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int eventfd(uint initial, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint read(int descriptor, byte* buffer, nint count);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint write(int descriptor, byte* buffer, nint count);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint splice(int from, long* fromOffset, int to, long* toOffset, nuint count, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int close(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fcntl(int descriptor, int command, int argument);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int poll(PollDescriptor* descriptors, nuint count, int timeoutMilliseconds);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int kill(int processId, int signal);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int wait4(int processId, int* status, int options, ResourceUsage* usage);

    [LibraryImport("libc")]
    public static partial int posix_spawn(int* processId, byte* path, void* fileActions, void* attributes, byte** argv, byte** envp);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_init(void* fileActions);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_destroy(void* fileActions);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_adddup2(void* fileActions, int from, int to);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_addopen(void* fileActions, int descriptor, byte* path, int flags, uint mode);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_addchdir_np(void* fileActions, byte* path);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_addclosefrom_np(void* fileActions, int from);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_init(void* attributes);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_destroy(void* attributes);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_setflags(void* attributes, short flags);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_setsigmask(void* attributes, void* signals);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_setsigdefault(void* attributes, void* signals);

    [LibraryImport("libc")]
    public static partial int sigemptyset(void* signals);

    [LibraryImport("libc")]
    public static partial int sigfillset(void* signals);

    [LibraryImport("libc")]
    private static partial int prctl(int option, long argument2, long argument3, long argument4, long argument5);

    [LibraryImport("libc")]
    private static partial int setpriority(int which, uint who, int priority);

    [LibraryImport("libc")]
    private static partial long syscall(long number, long argument1, long argument2, long argument3);

    [StructLayout(LayoutKind.Sequential)]
    public struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

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
