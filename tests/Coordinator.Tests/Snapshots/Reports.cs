using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.Tests.Snapshots;

/// <summary>Storage reports as agents send them.</summary>
internal static class Reports
{
    public const string Run = "1846a328cf9540b68137b0507d35680c";

    /// <summary>Begins before any evidence of a test's runs, so that each look is newer than the one before.</summary>
    private static long _clock = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>The next second of the host's clock.</summary>
    public static Timestamp Tick() => new() { Seconds = Interlocked.Increment(ref _clock) };

    public static StorageReport Of(long generation, params SnapshotList[] lists) => new()
    {
        Generation = generation,
        Last = true,
        Stock = Stock([.. lists.Where(l => l.Kind == SnapshotKind.Zfs).Select(l => l.Scope)]),
        Lists = { lists },
    };

    public static StorageStock Stock(params string[] datasets) => new()
    {
        At = Tick(),
        Pools = { new ZfsPoolState { Name = "tank", Health = "online", DatasetsComplete = true } },
        Datasets = { datasets.Select(name => new ZfsDatasetState { Name = name }) },
        Groups = { new LvmGroupState { Name = "vg", Uuid = "u" } },
    };

    public static SnapshotList Zfs(string dataset, params StoredSnapshot[] snapshots) =>
        new()
        {
            Kind = SnapshotKind.Zfs,
            Scope = dataset,
            Snapshots = { snapshots },
        };

    public static SnapshotList Lvm(string group, params StoredSnapshot[] snapshots) =>
        new()
        {
            Kind = SnapshotKind.Lvm,
            Scope = group,
            Snapshots = { snapshots },
        };

    public static StoredSnapshot Snapshot(int number, string policy = "nightly", string run = Run) => new()
    {
        Name = $"fleet_{policy}_{number}",
        Identity = $"{number}",
        CreatedAt = new Timestamp { Seconds = 1_795_000_000 + (number * 3_600) },
        ReferencedBytes = 1_000 + number,
        UsedBytes = number,
        Policy = policy,
        RunId = run,
    };

    /// <summary>The same as a result tells it.</summary>
    public static ZfsSnapshotInfo Info(string dataset, int number, string policy = "nightly") => new()
    {
        Name = $"{dataset}@fleet_{policy}_{number}",
        Guid = (ulong)number,
        CreatedAt = new Timestamp { Seconds = 1_795_000_000 + (number * 3_600) },
        ReferencedBytes = 1_000 + number,
    };
}
