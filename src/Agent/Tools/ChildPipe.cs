using Fleet.Agent.Native;

namespace Fleet.Agent.Tools;

/// <summary>Both ends of a pipe to or from a child. No other child inherits them.</summary>
/// <param name="ReadEnd">-1: no pipe could be made, and errno says why.</param>
internal readonly record struct ChildPipe(int ReadEnd, int WriteEnd)
{
    private const int SetStatusFlags = 4; // F_SETFL
    private const int SetPipeSize = 1031; // F_SETPIPE_SZ

    // pipe(7): what /proc/sys/fs/pipe-max-size allows everyone by default.
    private const int SizeBytes = 1024 * 1024;

    public static readonly ChildPipe None = new(-1, -1);

    /// <summary>For what a child prints: reading does not block.</summary>
    public static ChildPipe ForOutput()
    {
        var pipe = Open();
        if (pipe.ReadEnd >= 0)
        {
            _ = NativeMethods.fcntl(pipe.ReadEnd, SetStatusFlags, NativeMethods.NonBlocking);
        }

        return pipe;
    }

    /// <summary>Both ends block.</summary>
    public static unsafe ChildPipe Open()
    {
        var ends = stackalloc int[2];
        if (NativeMethods.pipe2(ends, NativeMethods.CloseOnExec) != 0)
        {
            return None;
        }

        // Room for what comes while nobody reads. Where the kernel refuses it, the writer waits now and then.
        _ = NativeMethods.fcntl(ends[0], SetPipeSize, SizeBytes);
        return new ChildPipe(ends[0], ends[1]);
    }
}
