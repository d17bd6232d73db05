using System.Collections.Concurrent;
using Fleet.Agent.Actions.Lvm;
using Fleet.Agent.Files;
using Fleet.Agent.Guard;
using Fleet.Agent.Logging;
using Fleet.Agent.Lvm;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions.Restore;

/// <summary>Files of an LVM snapshot, which is mounted for this.</summary>
/// <param name="hung">Tools that cannot be ended. Outlives this object.</param>
internal sealed class LvmRestoreSource(
    ActionContext context, RestoreAllowance allowance, DeadlinedFiles files, LvmMounts mounts, ConcurrentDictionary<string, byte> hung)
{
    private readonly LvmAttempt _attempt = new(context, hung);

    /// <exception cref="IOException">It cannot be opened.</exception>
    public async Task<(RestoreSource? Source, ActionResult? Stop)> OpenAsync(LvmSnapshotRef wanted, CancellationToken cancellationToken)
    {
        if (!LvmNames.IsVolumePath(wanted.Name))
        {
            return (null, ToolOutcome.Failed($"{LogText.Escape(wanted.Name)} is not a snapshot name, such as vg/home.monday"));
        }

        var (stock, error) = await _attempt.LookAsync(cancellationToken);
        if (error is not null)
        {
            return (null, LvmAttempt.Stopped(error, cancellationToken));
        }

        if (stock.Find(wanted.Name) is not { } snapshot)
        {
            return (null, ToolOutcome.Failed($"there is no volume {wanted.Name}"));
        }

        if (Problem(wanted, snapshot, stock) is { } stop)
        {
            return (null, stop);
        }

        var (mount, notMounted) = await mounts.MountAsync(_attempt, snapshot, cancellationToken);
        if (mount is null)
        {
            return (null, LvmAttempt.Stopped(notMounted!, cancellationToken));
        }

        try
        {
            var root = await files.CallAsync(mount.Path, () => OpenPath.Folder(mount.Path), cancellationToken);
            return (new RestoreSource(snapshot.FullName, snapshot.Uuid, root, () => mounts.UnmountAsync(_attempt, mount)), null);
        }
        catch
        {
            await mounts.UnmountAsync(_attempt, mount);
            throw;
        }
    }

    private ActionResult? Problem(LvmSnapshotRef wanted, LvmVolume snapshot, LvmStock stock)
    {
        var origin = stock.Volumes.FirstOrDefault(snapshot.IsSnapshotOf);
        return origin is null && !LvmTags.IsFleets(snapshot.Tags) ? ToolOutcome.Failed($"{snapshot.FullName} is not a snapshot")
            : allowance.RefusalOfVolume(origin?.FullName ?? snapshot.FullName, snapshot.FullName) is { } refusal
                ? ToolOutcome.Refused(refusal)
            : (wanted.Uuid.Length == 0 && context.Action.RestoreFiles.DryRun) || wanted.Uuid == snapshot.Uuid ? null
            : ToolOutcome.Failed(snapshot.NotTheOneAskedFor);
    }
}
