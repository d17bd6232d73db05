namespace Fleet.Agent.Lvm;

/// <summary>Why an LVM tool failed.</summary>
/// <param name="Message">What the tool said about it, safe to show.</param>
internal sealed record LvmError(LvmErrorKind Kind, string Message)
{
    /// <summary>A further attempt may succeed without anybody intervening.</summary>
    public bool Retryable => Kind is LvmErrorKind.NoAnswer or LvmErrorKind.Ended or LvmErrorKind.Busy or LvmErrorKind.Merging;
}

/// <summary>What an LVM tool could not do, as far as its messages tell.</summary>
internal enum LvmErrorKind
{
    /// <summary>A message that no recorded release prints: its text is all there is.</summary>
    Unknown,

    /// <summary>The tool could not be started: it is not installed.</summary>
    NotStarted,

    /// <summary>The tool did not end within its time, or an earlier question still waits.</summary>
    NoAnswer,

    /// <summary>A signal ended the tool, or the caller did.</summary>
    Ended,

    /// <summary>A group, volume or origin.</summary>
    DoesNotExist,

    /// <summary>A volume of that name is there already.</summary>
    Exists,

    /// <summary>Mounted, or open in another way.</summary>
    Busy,

    /// <summary>The group has no room left.</summary>
    OutOfSpace,

    /// <summary>The thin pool's data or metadata are past the limit from which on LVM makes nothing new in it.</summary>
    PoolTooFull,

    /// <summary>A snapshot is being merged, or waits for that.</summary>
    Merging,

    /// <summary>A classic snapshot that overflowed.</summary>
    SnapshotInvalid,

    /// <summary>Disks of the group are not there.</summary>
    DeviceMissing,

    PermissionDenied,

    /// <summary>A name, tag or column that LVM does not take.</summary>
    InvalidRequest,
}
