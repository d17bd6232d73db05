using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Snapshots;

/// <summary>The scopes that a host has, as far as they show what it lacks. Pure.</summary>
internal sealed record PresentScopes(IReadOnlySet<string> Datasets, IReadOnlySet<string> CompletePools, IReadOnlySet<string> Groups)
{
    public static PresentScopes Of(StorageStock stock) => new(
        stock.Datasets.Select(dataset => dataset.Name).ToHashSet(StringComparer.Ordinal),
        stock.Pools.Where(pool => pool.DatasetsComplete).Select(pool => pool.Name).ToHashSet(StringComparer.Ordinal),
        stock.Groups.Select(group => group.Name).ToHashSet(StringComparer.Ordinal));

    /// <summary>
    /// Whether a dataset is gone from a pool that is present. A pool or group that is missing altogether may be on a shelf, with everything
    /// in it.
    /// </summary>
    public bool IsGone(SnapshotKind kind, string scope) =>
        kind == SnapshotKind.Zfs && !Datasets.Contains(scope) && CompletePools.Contains(scope.Split('/')[0]);

    /// <summary>Whether nothing has that name now: its content may be under another name.</summary>
    public bool IsAbsent(SnapshotKind kind, string scope) => kind switch
    {
        SnapshotKind.Zfs => !Datasets.Contains(scope),
        SnapshotKind.Lvm => !Groups.Contains(scope),
        _ => false,
    };
}
