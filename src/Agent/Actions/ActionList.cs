using Fleet.Actions;
using Fleet.Agent.Actions.Clock;
using Fleet.Agent.Actions.Command;
using Fleet.Agent.Actions.Lvm;
using Fleet.Agent.Actions.Restore;
using Fleet.Agent.Actions.Rsync;
using Fleet.Agent.Actions.Rsync.Ownership;
using Fleet.Agent.Actions.Zfs;
using Fleet.Agent.Actions.Zfs.Recovery;
using Fleet.Agent.Actions.Zfs.Replication;
using Fleet.Agent.Actions.Zfs.Scrub;
using Fleet.Agent.Edge;
using Fleet.Agent.Lvm;
using Fleet.Agent.Retention;
using Fleet.Agent.Zfs.Listing;

namespace Fleet.Agent.Actions;

/// <summary>Every action that this agent can do: one line each. The agent does not start without one of them.</summary>
internal static class ActionList
{
    public static IReadOnlyList<IAction> Create(
        RetentionClock clock, Func<HostAssignment> assigned, ZfsSnapshotCache snapshots, LvmMounts mounts, LvmMergeRecords merges,
        VersionFolders versionFolders) => Complete(
    [
        new RsyncTransfer(clock, versionFolders, assigned),
        new CommandRun(),
        new ZfsSnapshotRun(),
        new ZfsPruneRun(clock, assigned, snapshots),
        new ZfsReplicateRun(),
        new ZfsScrubRun(),
        new ZfsHoldRun(),
        new ZfsRollbackRun(),
        new ZfsCloneRun(),
        new LvmSnapshotRun(),
        new LvmPruneRun(clock, assigned),
        new LvmRestoreRun(merges),
        new LvmProtectRun(),
        new RestoreFilesRun(mounts),
        new ClockAcceptRun(clock),
    ]);

    private static IReadOnlyList<IAction> Complete(IReadOnlyList<IAction> all) =>
        all.Select(static action => action.Kind).Order().SequenceEqual(ActionKinds.All.Select(static kind => kind.Case).Order())
            ? all
            : throw new InvalidOperationException("ActionList and ActionKinds.All do not name the same actions");
}
