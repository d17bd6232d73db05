using Fleet.Agent.Logging;

namespace Fleet.Agent.Lvm;

/// <summary>
/// Reports when merges that had to wait are complete, or never will be: "accepted" is not "restored". LVM is only asked while there is one.
/// </summary>
/// <param name="notice">Code, message and the merge that it is about (null: none).</param>
internal sealed class LvmMergeWatch(LvmMergeRecords records, LvmQuery tools, Action<string, string, LvmMergeRecord?> notice)
{
    /// <summary>At the agent's start, and every few minutes.</summary>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            var waiting = records.ToWatch(out var damage);
            if (damage is not null)
            {
                notice("state_damaged", damage, null);
            }

            if (waiting.Count == 0 || await tools.LookAsync(cancellationToken) is not (var stock, null))
            {
                return;
            }

            foreach (var record in waiting)
            {
                Tell(record, StateOf(record, stock));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // They stay, and the next check sees them again.
            notice("lvm_merge_unwatched", $"it could not be determined whether merges are complete: {LogText.Escape(e.Message)}", null);
        }
    }

    /// <summary>Pure.</summary>
    public static LvmMergeState StateOf(LvmMergeRecord record, LvmStock stock)
    {
        var snapshot = stock.Volumes.FirstOrDefault(v => v.Uuid == record.SnapshotUuid);
        var volume = stock.Volumes.FirstOrDefault(v => v.Uuid == record.VolumeUuid);
        return stock.Group(record.Group) is null ? LvmMergeState.Unknown
            : volume is null || volume.MergeFailed || snapshot is { MergeFailed: true } ? LvmMergeState.Lost
            : snapshot is null ? volume.Merging ? LvmMergeState.Pending : LvmMergeState.Completed
            : snapshot.Merging ? LvmMergeState.Pending
            : LvmMergeState.NotBegun;
    }

    private void Tell(LvmMergeRecord record, LvmMergeState state)
    {
        switch (state)
        {
            case LvmMergeState.Completed:
                notice("lvm_merge_completed",
                    $"{record.Volume} has the content of {record.Snapshot}; its previous state is in {record.Safety}", record);
                records.Remove(record.RunId);
                break;
            case LvmMergeState.Lost or LvmMergeState.NotBegun:
                var why = state == LvmMergeState.NotBegun
                    ? "the snapshot no longer waits for its merge"
                    : "the volume is gone, or LVM gave up";
                notice("lvm_merge_lost", $"{record.Volume} will not get the content of {record.Snapshot}: {why}", record);
                records.Remove(record.RunId);
                break;
            default:
                break;
        }
    }
}

/// <summary>Progress of a merge, as LVM shows it.</summary>
internal enum LvmMergeState
{
    /// <summary>Its group is not available now: nothing is known.</summary>
    Unknown,

    /// <summary>The snapshot is there as before, and nothing will be merged.</summary>
    NotBegun,

    /// <summary>It waits for the next activation of the volume, or is under way.</summary>
    Pending,

    /// <summary>The snapshot is gone and the volume there: it has the snapshot's content.</summary>
    Completed,

    /// <summary>The volume is gone, or LVM gave the merge up.</summary>
    Lost,
}
