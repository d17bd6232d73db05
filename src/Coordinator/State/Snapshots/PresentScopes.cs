using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Snapshots;

/// <summary>What a host has, as far as that says something about what it lacks. Pure.</summary>
internal sealed record PresentScopes(IReadOnlySet<string> Datasets, IReadOnlySet<string> CompletePools, IReadOnlySet<string> Groups)
{
    public static PresentScopes Of(StorageStock stock) => new(
        stock.Datasets.Select(dataset => dataset.Name).ToHashSet(StringComparer.Ordinal),
        stock.Pools.Where(pool => pool.DatasetsComplete).Select(pool => pool.Name).ToHashSet(StringComparer.Ordinal),
        stock.Groups.Select(group => group.Name).ToHashSet(StringComparer.Ordinal));

    /// <summary>
    /// A dataset that its pool had and has no more. A pool or group that is not there at all may be on a shelf, with everything in it.
    /// </summary>
    public bool IsGone(SnapshotKind kind, string scope) =>
        kind == SnapshotKind.Zfs && !Datasets.Contains(scope) && CompletePools.Contains(scope.Split('/')[0]);

    /// <summary>Nothing of that name is there now: what was in it may have come under another one.</summary>
    public bool IsAbsent(SnapshotKind kind, string scope) => kind switch
    {
        SnapshotKind.Zfs => !Datasets.Contains(scope),
        SnapshotKind.Lvm => !Groups.Contains(scope),
        _ => false,
    };
}
