using Fleet.Protocol.V1;

namespace Fleet.Agent.Inventory;

/// <summary>Cuts a report into messages far below the limit of gRPC, 4 MiB. Pure.</summary>
internal static class ReportParts
{
    /// <summary>As StorageReport says. A dataset and a snapshot take up 1 KiB at most.</summary>
    public const int MaxSnapshots = 1_000;

    private const int MaxDatasets = 2_000;
    private const int MaxLists = 1_000;

    public static IReadOnlyList<StorageReport> Create(long generation, StorageStock stock, IReadOnlyList<SnapshotList> lists)
    {
        List<StorageReport> parts = [];
        AddStock(parts, stock);
        var room = MaxSnapshots;
        foreach (var list in lists)
        {
            var from = 0;
            do
            {
                if (room == 0 || parts[^1].Lists.Count >= MaxLists)
                {
                    parts.Add(new StorageReport());
                    room = MaxSnapshots;
                }

                var some = list.Snapshots.Skip(from).Take(room).ToList();
                parts[^1].Lists.Add(new SnapshotList { Kind = list.Kind, Scope = list.Scope, Snapshots = { some } });
                from += some.Count;
                room -= some.Count;
            }
            while (from < list.Snapshots.Count);
        }

        parts.ForEach(p => p.Generation = generation);
        parts[^1].Last = true;
        return parts;
    }

    private static void AddStock(List<StorageReport> parts, StorageStock stock)
    {
        var first = stock.Clone();
        first.Datasets.Clear();
        first.Volumes.Clear();
        parts.Add(new StorageReport { Stock = first });
        foreach (var datasets in stock.Datasets.Chunk(MaxDatasets))
        {
            parts.Add(new StorageReport { Stock = new StorageStock { Datasets = { datasets } } });
        }

        foreach (var volumes in stock.Volumes.Chunk(MaxDatasets))
        {
            parts.Add(new StorageReport { Stock = new StorageStock { Volumes = { volumes } } });
        }
    }
}
