namespace Fleet.Agent.Lvm;

/// <summary>A logical volume as lvs(8) shows it.</summary>
internal sealed record LvmVolume
{
    /// <summary>Its identity: names can be given again.</summary>
    public required string Uuid { get; init; }

    public required string Group { get; init; }

    /// <summary>Without the brackets of one that LVM hides.</summary>
    public required string Name { get; init; }

    public required LvmVolumeKind Kind { get; init; }

    /// <summary>The ten letters of lv_attr: lvs(8), NOTES.</summary>
    public required string Attributes { get; init; }

    public required long SizeBytes { get; init; }

    public required IReadOnlyList<string> Tags { get; init; }

    /// <summary>By the clock of the host that made it. Unit: whole seconds. Null if not known.</summary>
    public required DateTimeOffset? Created { get; init; }

    /// <summary>It is active on this host. Null if lvs could not tell.</summary>
    public required bool? Active { get; init; }

    /// <summary>`lvchange -ay` passes it over unless -K is given: thin snapshots are made so.</summary>
    public required bool SkipsActivation { get; init; }

    /// <summary>As LVM's metadata say, whether it is active or not.</summary>
    public required bool Writable { get; init; }

    /// <summary>Thin: the pool's name. Null if there is none.</summary>
    public required string? Pool { get; init; }

    public required string? PoolUuid { get; init; }

    /// <summary>A snapshot: what it was made of. Null if there is none, or if it is gone.</summary>
    public required string? Origin { get; init; }

    public required string? OriginUuid { get; init; }

    /// <summary>
    /// A pool: allocated data. A thin volume: the part of it that is allocated. A classic snapshot: how full it is. 0 to 100; null:
    /// not known, as when it is not active.
    /// </summary>
    public required double? DataPercent { get; init; }

    /// <summary>A pool: allocated metadata. 0 to 100; null if not known, or if it is not a pool.</summary>
    public required double? MetadataPercent { get; init; }

    public required long? MetadataSizeBytes { get; init; }

    /// <summary>A pool that is full: true, writes fail at once; false, they wait (60 s by default). Null if it is not a pool.</summary>
    public required bool? FailsWhenFull { get; init; }

    /// <summary>dmeventd watches it and would extend it. Null if it is not watched.</summary>
    public required bool? Monitored { get; init; }

    /// <summary>
    /// It is being merged into its origin, or will be at the next activation of that. Of a classic merge the origin says so, too.
    /// </summary>
    public required bool Merging { get; init; }

    public required bool MergeFailed { get; init; }

    /// <summary>A classic snapshot that overflowed: its content is lost.</summary>
    public required bool SnapshotInvalid { get; init; }

    /// <summary>lv_health_status, for example "partial", "failed", "out_of_data", "metadata_read_only". Empty if healthy.</summary>
    public required string Health { get; init; }

    /// <summary>A device of it is open: mounted, for example. True also when lvs could not tell.</summary>
    public bool MayBeOpen => Attributes is not [_, _, _, _, _, '-', ..];

    /// <summary>A snapshot of it, thin or classic. A thin volume outside its pool that only builds on it is none.</summary>
    public bool IsSnapshotOf(LvmVolume origin) =>
        OriginUuid == origin.Uuid
            && (Kind == LvmVolumeKind.ClassicSnapshot
                || (Kind == LvmVolumeKind.Thin && PoolUuid is not null && PoolUuid == origin.PoolUuid));

    public string FullName => $"{Group}/{Name}";

    /// <summary>For a person who named it with another UUID.</summary>
    public string NotTheOneAskedFor => $"{FullName} is not the volume that was asked for: its UUID is {Uuid}";
}

/// <summary>What a logical volume is, as far as snapshots care.</summary>
internal enum LvmVolumeKind
{
    /// <summary>A volume of its own, of any layout: linear, striped, raid...</summary>
    Plain,

    /// <summary>Room for thin volumes.</summary>
    ThinPool,

    /// <summary>A volume in a thin pool, a thin snapshot included.</summary>
    Thin,

    /// <summary>A snapshot with room of its own for what its origin overwrites.</summary>
    ClassicSnapshot,

    /// <summary>A part that LVM uses itself: data or metadata of a pool, an image of a mirror.</summary>
    Internal,
}
