namespace Fleet.Agent.Tools;

/// <summary>Both ends of a pipe that a child writes to. Reading does not block.</summary>
/// <param name="ReadEnd">-1: no pipe could be made, and errno says why.</param>
internal readonly record struct OutputPipe(int ReadEnd, int WriteEnd)
{
    private const int SetStatusFlags = 4; // F_SETFL
    private const int SetPipeSize = 1031; // F_SETPIPE_SZ

    // pipe(7): what /proc/sys/fs/pipe-max-size allows everyone by default.
    private const int SizeBytes = 1024 * 1024;

    public static unsafe OutputPipe Open()
    {
        var ends = stackalloc int[2];
        if (NativeMethods.pipe2(ends, NativeMethods.CloseOnExec) != 0)
        {
            return new OutputPipe(-1, -1);
        }

        // Room for what comes while nobody reads. Where the kernel refuses it, the writer waits now and then.
        _ = NativeMethods.fcntl(ends[0], SetPipeSize, SizeBytes);
        _ = NativeMethods.fcntl(ends[0], SetStatusFlags, NativeMethods.NonBlocking);
        return new OutputPipe(ends[0], ends[1]);
    }
}
