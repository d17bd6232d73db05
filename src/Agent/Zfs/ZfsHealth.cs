namespace Fleet.Agent.Zfs;

/// <summary>State of a pool or of one of its devices: zpoolconcepts(7), "Device Failure and Recovery".</summary>
internal enum ZfsHealth
{
    Online,
    Degraded,
    Faulted,
    Offline,
    Removed,
    Unavailable,

    /// <summary>A pool that waits for a device to come back: whatever reads or writes it hangs.</summary>
    Suspended,

    /// <summary>A spare that is free.</summary>
    Available,

    /// <summary>A spare that stands in for a device.</summary>
    InUse,
}
