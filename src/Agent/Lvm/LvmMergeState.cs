namespace Fleet.Agent.Lvm;

/// <summary>How far a merge is, as LVM shows it.</summary>
internal enum LvmMergeState
{
    /// <summary>Its group is not there now: nothing can be told.</summary>
    Unknown,

    /// <summary>The snapshot is there as before, and nothing will be merged.</summary>
    NotBegun,

    /// <summary>It waits for the next activation of the volume, or goes on.</summary>
    Pending,

    /// <summary>The snapshot is gone and the volume there: it has the snapshot's content.</summary>
    Completed,

    /// <summary>The volume is gone, or LVM gave the merge up.</summary>
    Lost,
}
