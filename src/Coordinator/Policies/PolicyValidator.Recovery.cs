using System.Text.RegularExpressions;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Policies;

/// <summary>The part that knows scrubs, and what is done with single snapshots of ZFS.</summary>
internal sealed partial class PolicyValidator
{
    private void ValidateZfsScrub(ZfsScrubAction scrub, string path)
    {
        if (scrub.Pools.Count is 0 or > 100)
        {
            Refuse($"{path}.pools", "is required: 1 to 100 names of pools");
        }

        for (var i = 0; i < scrub.Pools.Count; i++)
        {
            if (scrub.Pools[i].Contains('/'))
            {
                Refuse($"{path}.pools[{i}]", "must be the name of a pool: only whole pools can be scrubbed");
            }
            else
            {
                ValidateDataset(scrub.Pools[i], $"{path}.pools[{i}]");
            }
        }

        if (!System.Enum.IsDefined(scrub.Operation))
        {
            Refuse($"{path}.operation", "must be start, pause or stop");
        }

        if (scrub.DryRun)
        {
            Warn("the action is a dry run: it changes nothing, and so proves nothing");
        }
    }

    private void ValidateZfsHold(ZfsHoldAction hold, string path)
    {
        RefuseCount(hold.Snapshots.Count, $"{path}.snapshots");
        for (var i = 0; i < hold.Snapshots.Count; i++)
        {
            ValidateSnapshotRef(hold.Snapshots[i], $"{path}.snapshots[{i}]");
        }

        if (hold.Tag.Length > 0 && !HoldTagPattern().IsMatch(hold.Tag))
        {
            Refuse($"{path}.tag", "must be \"fleet:\" and up to 32 of a-z, 0-9, '-'");
        }
    }

    private void RefuseCount(int snapshots, string field)
    {
        if (snapshots is 0 or > 100)
        {
            Refuse(field, "is required: 1 to 100 snapshots");
        }
    }

    private void ValidateZfsRollback(ZfsRollbackAction rollback, string path)
    {
        ValidateSnapshotRef(rollback.Snapshot, $"{path}.snapshot");
        if (rollback.Destroy.Count > 1_000)
        {
            Refuse($"{path}.destroy", "more than 1,000");
        }

        for (var i = 0; i < rollback.Destroy.Count; i++)
        {
            ValidateDoomed(rollback.Destroy[i], $"{path}.destroy[{i}]");
        }
    }

    private void ValidateZfsClone(ZfsCloneAction clone, string path)
    {
        ValidateSnapshotRef(clone.Snapshot, $"{path}.snapshot");
        ValidateDataset(clone.Target, $"{path}.target");
    }

    /// <summary>A snapshot, a bookmark or a clone.</summary>
    private void ValidateDoomed(ZfsSnapshotRef doomed, string path)
    {
        if (doomed.Name.AsSpan().IndexOfAny('@', '#') is var mark && mark >= 0)
        {
            ValidateSnapshotRef(doomed, path, doomed.Name[mark]);
            return;
        }

        ValidateDataset(doomed.Name, $"{path}.name");
        if (doomed.Guid == 0)
        {
            Refuse($"{path}.guid", NoIdentity);
        }
    }

    private void ValidateSnapshotRef(ZfsSnapshotRef? reference, string path, char mark = '@')
    {
        var parts = reference?.Name.Split(mark, 2) ?? [];
        if (parts.Length != 2 || reference!.Name.Length > MaxDatasetLength || !DatasetPattern().IsMatch(parts[0]) || !SnapshotPattern().IsMatch(parts[1]))
        {
            Refuse($"{path}.name", "must be the full name of a snapshot, such as tank/data@NAME");
        }
        else if (reference.Guid == 0)
        {
            Refuse($"{path}.guid", NoIdentity);
        }
    }

    [GeneratedRegex("^fleet:[a-z0-9-]{1,32}\\z")]
    private static partial Regex HoldTagPattern();

    [GeneratedRegex("^[A-Za-z0-9_.: -]+\\z")]
    private static partial Regex SnapshotPattern();
}
