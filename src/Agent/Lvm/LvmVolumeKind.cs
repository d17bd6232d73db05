namespace Fleet.Agent.Lvm;

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
