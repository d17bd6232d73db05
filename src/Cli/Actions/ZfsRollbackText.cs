using Fleet.Protocol.V1;

namespace Fleet.Cli.Actions;

/// <summary><c>zfs_rollback</c>: rolls a dataset back to a snapshot.</summary>
internal sealed class ZfsRollbackText() : ActionText<ZfsRollbackAction>(ActionCase.ZfsRollback, static action => action.ZfsRollback)
{
    protected override string Words(ZfsRollbackAction rollback) =>
        $"rollback to {rollback.Snapshot?.Name}";
}
