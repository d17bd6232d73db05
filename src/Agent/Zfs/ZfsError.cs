namespace Fleet.Agent.Zfs;

/// <summary>Why zfs or zpool failed.</summary>
/// <param name="Message">What the tool said, safe to show.</param>
/// <param name="Names">Datasets or snapshots that the messages name, each once.</param>
internal sealed record ZfsError(ZfsErrorKind Kind, string Message, IReadOnlyList<string> Names)
{
    /// <summary>A further attempt may help without anybody doing anything.</summary>
    public bool Retryable => Kind is ZfsErrorKind.NoAnswer or ZfsErrorKind.Ended or ZfsErrorKind.Busy or ZfsErrorKind.PoolSuspended or ZfsErrorKind.BrokenStream
        or ZfsErrorKind.Unreachable;
}
