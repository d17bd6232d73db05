using Fleet.Protocol.V1;

namespace Fleet.Cli.Actions;

/// <summary>Rollbacks of datasets.</summary>
internal sealed class ZfsRollbackText() : ActionText<ZfsRollbackAction>(ActionCase.ZfsRollback, static action => action.ZfsRollback)
{
    protected override string Words(ZfsRollbackAction rollback) =>
        $"rollback to {rollback.Snapshot?.Name}";
}
