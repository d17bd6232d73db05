namespace Fleet.Agent.Zfs;

/// <summary>The newest scrub or resilver of a pool, running or over.</summary>
internal sealed record ZfsScan
{
    public required ZfsScanKind Kind { get; init; }

    public required ZfsScanState State { get; init; }

    /// <summary>Running: when it began. Otherwise: when it was paused, or came to its end. By the host's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Finished: how long it took.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Finished: errors that could not be repaired.</summary>
    public long? Errors { get; init; }

    /// <summary>Finished: what was repaired or rebuilt. Rounded to three digits by zpool. Unit: bytes.</summary>
    public long? RepairedBytes { get; init; }

    /// <summary>Running or paused: 0 to 100.</summary>
    public double? Percent { get; init; }

    /// <summary>Running: how long it still takes, as zpool reckons. Null: it does not know.</summary>
    public TimeSpan? Remaining { get; init; }
}
