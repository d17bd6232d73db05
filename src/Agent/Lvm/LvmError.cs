namespace Fleet.Agent.Lvm;

/// <summary>Why an LVM tool failed.</summary>
/// <param name="Message">What the tool said about it, safe to show.</param>
internal sealed record LvmError(LvmErrorKind Kind, string Message)
{
    /// <summary>A further attempt may help without anybody doing anything.</summary>
    public bool Retryable => Kind is LvmErrorKind.NoAnswer or LvmErrorKind.Ended or LvmErrorKind.Busy or LvmErrorKind.Merging;
}
