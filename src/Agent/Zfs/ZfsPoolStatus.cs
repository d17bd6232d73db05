namespace Fleet.Agent.Zfs;

/// <summary>What `zpool status` says of one pool.</summary>
internal sealed record ZfsPoolStatus
{
    public required string Pool { get; init; }

    public required ZfsHealth Health { get; init; }

    /// <summary>zpool's own words on the worst thing that is wrong. Empty: nothing is.</summary>
    public required string Problem { get; init; }

    /// <summary>zpool's own words on what to do about it. Empty: nothing.</summary>
    public required string Advice { get; init; }

    /// <summary>
    /// This release could do more than the pool's format allows: `zpool upgrade`. zpool says so only when nothing is wrong.
    /// </summary>
    public required bool FeaturesToUpgrade { get; init; }

    /// <summary>The newest scrub and the newest resilver, as far as zpool still knows them. Empty: none since the pool was made.</summary>
    public required IReadOnlyList<ZfsScan> Scans { get; init; }

    /// <summary>The pool first, then depth first, in zpool's order.</summary>
    public required IReadOnlyList<ZfsVdev> Vdevs { get; init; }

    /// <summary>Files and blocks that are lost. Null: not known.</summary>
    public required long? DataErrors { get; init; }

    /// <summary>Lines that were not understood. Safe to show.</summary>
    public required IReadOnlyList<string> Refused { get; init; }
}
