namespace Fleet.Protocol.V1;

/// <content>What every side asks of an action, whatever its kind.</content>
public sealed partial class Action
{
    /// <summary>It only says what it would do.</summary>
    public bool IsDryRun =>
        Rsync is { DryRun: true } || ZfsSnapshot is { DryRun: true } || ZfsPrune is { DryRun: true } || LvmSnapshot is { DryRun: true }
        || LvmPrune is { DryRun: true } || ZfsReplicate is { DryRun: true } || ZfsScrub is { DryRun: true }
        || ZfsHold is { DryRun: true } || ZfsRollback is { DryRun: true } || ZfsClone is { DryRun: true }
        || LvmRestore is { DryRun: true } || LvmProtect is { DryRun: true } || RestoreFiles is { DryRun: true } || ClockAccept is { DryRun: true };
}
