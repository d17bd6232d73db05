namespace Fleet.Agent.Zfs;

/// <summary>A line of `zpool status`, config: the pool itself, a group of devices, or a device.</summary>
internal sealed record ZfsVdev
{
    /// <summary>The pool's name, "mirror-0" and the like, a path, or the guid of a device that is gone.</summary>
    public required string Name { get; init; }

    /// <summary>0: the pool, or a group or device of a class of its own; each level below counts one more.</summary>
    public required int Depth { get; init; }

    /// <summary>"": data. Otherwise "special", "logs", "cache", "spares", "dedup".</summary>
    public required string Class { get; init; }

    public required ZfsHealth Health { get; init; }

    /// <summary>Since the last `zpool clear`. Null: zpool does not count them (a spare).</summary>
    public required long? ReadErrors { get; init; }

    public required long? WriteErrors { get; init; }

    public required long? ChecksumErrors { get; init; }

    /// <summary>What zpool adds, for example "was /dev/sdb1". Empty: nothing.</summary>
    public required string Note { get; init; }
}
