namespace Fleet.Cli.Outcomes;

/// <summary>The exit codes of the process. Documented in docs/cli.md and <c>fleet --help</c>; never renumbered.</summary>
internal static class ExitCode
{
    /// <summary>The command did what it was asked.</summary>
    public const int Ok = 0;

    /// <summary>
    /// The call succeeded, but its subject is not well: a followed run failed, <c>status --exit-code</c> found something.
    /// </summary>
    public const int NotWell = 1;

    /// <summary>The command line, a file or a value was refused; nothing was changed.</summary>
    public const int Refused = 2;

    /// <summary>The coordinator could not be reached, or did not answer in time.</summary>
    public const int NotReachable = 3;

    /// <summary>No credential, an invalid one, or a role that is too low.</summary>
    public const int NotPermitted = 4;

    /// <summary>No such host, policy, run, token or operator.</summary>
    public const int NotFound = 5;

    /// <summary>Understood and permitted, but not possible in the current state.</summary>
    public const int WrongState = 6;

    /// <summary>A bug, here or in the coordinator.</summary>
    public const int Bug = 70;

    /// <summary>Ended by Ctrl-C or SIGTERM.</summary>
    public const int Cancelled = 130;

    /// <summary>The reader of the output has closed it.</summary>
    public const int OutputClosed = 141;

    /// <summary>Codes and their meanings, for <c>fleet --help</c>.</summary>
    public static readonly IReadOnlyList<(int Code, string Meaning)> All =
    [
        (Ok, "done"),
        (NotWell, "a followed run did not succeed; status --exit-code: something needs attention"),
        (Refused, "the command line, a file or a value was refused; nothing was changed"),
        (NotReachable, "the coordinator could not be reached or did not answer in time"),
        (NotPermitted, "no credential, an invalid one, or a role that is too low"),
        (NotFound, "no such host, policy, run, token or operator"),
        (WrongState, "not possible in the present state, for example cancelling a finished run"),
        (Bug, "a bug, here or in the coordinator"),
        (Cancelled, "ended by Ctrl-C"),
        (OutputClosed, "the reader of the output closed it"),
    ];
}
