namespace Fleet.Agent.Zfs.Pool;

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

/// <summary>The words of zpool(8) for <see cref="ZfsHealth"/>.</summary>
internal static class ZfsHealthParser
{
    /// <summary>False if not a word of any release that was recorded.</summary>
    public static bool TryParse(ReadOnlySpan<byte> word, out ZfsHealth health)
    {
        ZfsHealth? parsed =
            word.SequenceEqual("ONLINE"u8) ? ZfsHealth.Online
            : word.SequenceEqual("DEGRADED"u8) ? ZfsHealth.Degraded
            : word.SequenceEqual("FAULTED"u8) ? ZfsHealth.Faulted
            : word.SequenceEqual("OFFLINE"u8) ? ZfsHealth.Offline
            : word.SequenceEqual("REMOVED"u8) ? ZfsHealth.Removed
            : word.SequenceEqual("UNAVAIL"u8) ? ZfsHealth.Unavailable
            : word.SequenceEqual("SUSPENDED"u8) ? ZfsHealth.Suspended
            : word.SequenceEqual("AVAIL"u8) ? ZfsHealth.Available
            : word.SequenceEqual("INUSE"u8) ? ZfsHealth.InUse
            : null;
        health = parsed ?? default;
        return parsed is not null;
    }
}
