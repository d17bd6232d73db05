namespace Fleet.Agent.Actions.Rsync.Reasons;

/// <summary>
/// rsync's exit codes as rsync(1) names them under "EXIT VALUES"; 126, 127 and 255 come from the remote shell. Only asked where no line is
/// known.
/// </summary>
internal static class RsyncExitCodes
{
    /// <summary>Everything else was transferred.</summary>
    public const int SourceFilesVanished = 24;

    public const int DeletionsStopped = 25;

    /// <summary>Partial transfer.</summary>
    public const int SomeEntries = 23;

    /// <summary>The manual's own words.</summary>
    public static string Name(int exitCode) => exitCode switch
    {
        1 => "syntax or usage error",
        2 => "protocol incompatibility",
        3 => "errors selecting input/output files, dirs",
        4 => "requested action not supported",
        5 => "error starting client-server protocol",
        6 => "daemon unable to append to log-file",
        10 => "error in socket I/O",
        11 => "error in file I/O",
        12 => "error in rsync protocol data stream",
        13 => "errors with program diagnostics",
        14 => "error in IPC code",
        20 => "received SIGUSR1 or SIGINT",
        21 => "some error returned by waitpid()",
        22 => "error allocating core memory buffers",
        23 => "partial transfer due to error",
        30 => "timeout in data send/receive",
        35 => "timeout waiting for daemon connection",
        126 => "the shell could not run it",
        127 => "the shell did not find it",
        255 => "ssh's own failure",
        _ => "not in its manual",
    };

    /// <summary>Whether the manual's words alone let a further attempt hope.</summary>
    public static bool MayPass(int exitCode) => exitCode is 10 or 12 or 14 or 20 or 22 or 30 or 35 or 255;

    /// <summary>
    /// What a connection that failed or broke may end with: which of several codes it is depends on whether rsync or ssh notices first.
    /// </summary>
    public static bool IsOfConnection(int exitCode) => exitCode is 10 or 12 or 14 or 20 or 30 or 126 or 127 or 255;
}
