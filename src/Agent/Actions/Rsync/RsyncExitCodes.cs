using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions.Rsync;

/// <summary>What rsync's exit codes mean for a run: rsync(1), "EXIT VALUES"; 127 and 255 come from the remote shell.</summary>
internal static class RsyncExitCodes
{
    /// <param name="Outcome">What the run came to.</param>
    /// <param name="Retryable">A further attempt may help without anybody doing anything.</param>
    /// <param name="Message">One sentence for a person, with what to do.</param>
    public readonly record struct Meaning(ActionOutcome Outcome, bool Retryable, string Message);

    /// <summary>A code that is not listed is a failure that names the code.</summary>
    /// <param name="details">What rsync and ssh printed, to tell apart the reasons behind 255.</param>
    public static Meaning Classify(int exitCode, IReadOnlyList<string> details) => exitCode switch
    {
        0 => new(ActionOutcome.Succeeded, false, "transferred"),
        24 => new(ActionOutcome.SucceededWithWarnings, false, "transferred; some files vanished from the source meanwhile"),
        23 => new(ActionOutcome.Failed, false, "some files could not be transferred: the details name them; the rest was"),
        25 => new(ActionOutcome.Failed, false,
            "deletions were stopped at the limit: see whether the source really lost that many files, then raise max_delete for a run"),
        10 => new(ActionOutcome.Failed, true, "the connection failed (socket)"),
        // Which of the two codes rsync ends with when ssh gives up depends on which of them notices first.
        12 when RemoteShell(details) is { Retryable: false } refused => refused,
        12 => new(ActionOutcome.Failed, true, "the connection broke off (protocol stream)"),
        30 => new(ActionOutcome.Failed, true, "nothing came over the connection for too long"),
        35 => new(ActionOutcome.Failed, true, "the rsync daemon did not answer in time"),
        255 => RemoteShell(details),
        11 => details.Any(d => d.Contains("No space left on device", StringComparison.Ordinal) || d.Contains("quota exceeded", StringComparison.OrdinalIgnoreCase))
            ? new(ActionOutcome.Failed, false, "the destination is full: make room there")
            : new(ActionOutcome.Failed, false, "reading or writing files failed: check the destination's space, permissions and disk"),
        127 => new(ActionOutcome.Failed, false, "rsync was not found on the other side: install it there"),
        1 => new(ActionOutcome.Failed, false, "rsync refused its options: its version may be too old for this policy"),
        2 => new(ActionOutcome.Failed, false, "the two rsync versions do not understand each other"),
        3 => new(ActionOutcome.Failed, false, "source or destination could not be selected"),
        4 => new(ActionOutcome.Failed, false, "one side's rsync lacks something that this policy asks for"),
        5 => new(ActionOutcome.Failed, false, Daemon(details)),
        13 => new(ActionOutcome.Failed, false, "rsync could not report its own errors"),
        14 => new(ActionOutcome.Failed, true, "rsync's processes lost each other"),
        20 => new(ActionOutcome.Failed, true, "rsync was ended by a signal"),
        21 => new(ActionOutcome.Failed, false, "rsync could not wait for its process"),
        22 => new(ActionOutcome.Failed, true, "there was not enough memory for rsync"),
        _ => new(ActionOutcome.Failed, false, $"rsync ended with exit code {exitCode}"),
    };

    private static Meaning RemoteShell(IReadOnlyList<string> details) =>
        details.Any(d => d.Contains("Host key verification failed", StringComparison.Ordinal))
            ? new(ActionOutcome.Failed, false,
                "ssh does not know the other host's key: compare it there, then add it to this host's /etc/ssh/ssh_known_hosts or ~/.ssh/known_hosts")
        : details.Any(d => d.Contains("Permission denied (", StringComparison.Ordinal))
            ? new(ActionOutcome.Failed, false, "the other host refused this host's ssh key: add its public half to authorized_keys there")
        : new(ActionOutcome.Failed, true, "ssh failed to reach the other host");

    private static string Daemon(IReadOnlyList<string> details) =>
        details.Any(d => d.Contains("auth failed", StringComparison.Ordinal))
            ? "the rsync daemon refused user or password: check the password file"
            : "the rsync daemon refused to start: the details hold its answer";
}
