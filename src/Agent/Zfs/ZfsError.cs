namespace Fleet.Agent.Zfs;

/// <summary>Why a call of zfs or zpool failed.</summary>
/// <param name="Message">The tool's message, safe to show.</param>
/// <param name="Names">Datasets or snapshots that the messages name, each once.</param>
internal sealed record ZfsError(ZfsErrorKind Kind, string Message, IReadOnlyList<string> Names)
{
    /// <summary>A further attempt may succeed without anybody intervening.</summary>
    public bool Retryable =>
        Kind is ZfsErrorKind.NoAnswer or ZfsErrorKind.Ended or ZfsErrorKind.Busy or ZfsErrorKind.PoolSuspended or ZfsErrorKind.BrokenStream
        or ZfsErrorKind.Unreachable;
}

/// <summary>What zfs or zpool could not do, as far as their messages tell.</summary>
internal enum ZfsErrorKind
{
    /// <summary>A message that no recorded release prints: its text is all there is.</summary>
    Unknown,

    /// <summary>zfs or zpool could not be started: it is not installed.</summary>
    NotStarted,

    /// <summary>The tool did not end within its time, or an earlier question to the same pool still waits.</summary>
    NoAnswer,

    /// <summary>A signal ended the tool, or the caller did.</summary>
    Ended,

    /// <summary>The other host: ssh could not connect, or lost the connection.</summary>
    Unreachable,

    /// <summary>The other host lets nobody in with this key, or is not the one that is known: nothing that passes by itself.</summary>
    NotLetIn,

    /// <summary>A pool, dataset, snapshot or bookmark.</summary>
    DoesNotExist,

    /// <summary>A snapshot or dataset of that name is there already.</summary>
    Exists,

    /// <summary>Held, mounted or in use.</summary>
    Busy,

    /// <summary>A snapshot that a clone needs.</summary>
    HasClones,

    /// <summary>The pool is full, or a quota or reservation leaves no room.</summary>
    OutOfSpace,

    PermissionDenied,

    /// <summary>The pool is imported read-only.</summary>
    ReadOnly,

    /// <summary>The pool waits for a device.</summary>
    PoolSuspended,

    /// <summary>Longer than <see cref="ZfsNames.MaxBytes"/>.</summary>
    NameTooLong,

    /// <summary>A name that ZFS does not take, or a property that this release does not know.</summary>
    InvalidRequest,

    /// <summary>None of the snapshots to destroy is there.</summary>
    NothingToDestroy,

    /// <summary>A rollback would destroy newer snapshots or bookmarks.</summary>
    NewerExist,

    /// <summary>The kernel's part of ZFS is not loaded.</summary>
    NotLoaded,

    /// <summary>Receiving: the target was changed since its newest snapshot.</summary>
    TargetModified,

    /// <summary>Receiving: the target is not at the snapshot that the stream builds on.</summary>
    TargetDiverged,

    /// <summary>Receiving: an interrupted transfer must be resumed or dropped first.</summary>
    TargetHasToken,

    /// <summary>Receiving: the stream broke off or is damaged.</summary>
    BrokenStream,

    /// <summary>The resume token can no longer be used.</summary>
    TokenDead,

    /// <summary>A scrub or resilver runs already, or is paused.</summary>
    ScanRunning,

    /// <summary>There is no scrub to pause or stop.</summary>
    NoScan,

    /// <summary>There is no interrupted transfer to drop.</summary>
    NoToken,

    /// <summary>A hold of that tag is there already, or is not there.</summary>
    HoldMismatch,
}
