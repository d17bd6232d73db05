using Fleet.Agent.Actions.Command;
using Fleet.Agent.Actions.Rsync;
using Fleet.Agent.Actions.Zfs;

namespace Fleet.Agent.Actions;

/// <summary>Every action that this agent can do: one line each.</summary>
internal static class ActionList
{
    public static IReadOnlyList<IAction> Create() =>
    [
        new RsyncTransfer(),
        new CommandRun(),
        new ZfsSnapshotRun(),
    ];
}
