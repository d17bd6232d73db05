namespace Fleet.Agent.Lvm;

/// <summary>All volumes and groups, as LVM reported them at one moment.</summary>
internal sealed record LvmStock(IReadOnlyList<LvmVolume> Volumes, IReadOnlyList<LvmGroup> Groups)
{
    /// <summary>
    /// The volume of that name, what LVM keeps for itself left out. Null if there is none, or if two groups have one name.
    /// </summary>
    public LvmVolume? Find(string fullName) =>
        Volumes.Where(v => v.FullName == fullName && v.Kind != LvmVolumeKind.Internal).ToList() is [var volume] ? volume : null;

    /// <summary>Null if there is none, or if two groups have one name.</summary>
    public LvmGroup? Group(string name) => Groups.Where(g => g.Name == name).ToList() is [var group] ? group : null;

    /// <summary>
    /// Thin and classic snapshots of the volume, whoever made them. A volume that only builds on it, in no pool of its own, is none.
    /// </summary>
    public IEnumerable<LvmVolume> SnapshotsOf(LvmVolume origin) => Volumes.Where(v => v.IsSnapshotOf(origin));
}
