using Fleet.Agent.Lvm;
using Fleet.Agent.Zfs;
using Fleet.Agent.Zfs.Pool;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Agent.Inventory;

/// <summary>Pools, datasets, groups and volumes as StorageStock tells them. Pure.</summary>
internal static class InventoryMessage
{
    /// <summary>As StorageStock says.</summary>
    public const int MaxDatasets = 5_000, MaxProblems = 100;

    public static StorageStock Create(HostInventory host)
    {
        var stock = new StorageStock { At = Timestamp.FromDateTimeOffset(host.At) };
        List<string> problems = [.. host.Problems];
        if (host.Zfs is { } zfs)
        {
            problems.AddRange(zfs.Problems);
            foreach (var pool in zfs.Pools)
            {
                problems.AddRange(pool.Problems);
                AddPool(stock, pool, problems);
            }
        }

        if (host.Lvm is { } lvm)
        {
            stock.Groups.Add(lvm.Groups.Select(Group));
            var volumes = lvm.Volumes.Where(v => v.Kind != LvmVolumeKind.Internal && v.Origin is null && LvmTags.RunOf(v.Tags).Length == 0)
                .ToList();
            stock.Volumes.Add(volumes.Take(MaxDatasets).Select(Volume));
            problems.AddRange(volumes.Count > MaxDatasets
                ? [$"only {MaxDatasets} of {volumes.Count} volumes are reported"]
                : (IReadOnlyList<string>)[]);
        }

        stock.Problems.Add(problems.Take(MaxProblems));
        return stock;
    }

    private static void AddPool(StorageStock stock, ZfsPoolReport report, List<string> problems)
    {
        var room = MaxDatasets - stock.Datasets.Count;
        if (report.Datasets.Count > room)
        {
            problems.Add($"only {room} of {report.Datasets.Count} datasets of pool {report.Pool.Name} are reported");
        }

        var state = Pool(report);
        state.DatasetsComplete = report.DatasetsComplete && report.Datasets.Count <= room;
        stock.Pools.Add(state);
        stock.Datasets.Add(report.Datasets.Take(room).Select(Dataset));
    }

    private static ZfsPoolState Pool(ZfsPoolReport report)
    {
        var (pool, status) = (report.Pool, report.Status);
        var state = new ZfsPoolState
        {
            Name = pool.Name,
            Guid = pool.Guid.Value,
            Health = (status?.Health ?? pool.Health).ToString().ToLowerInvariant(),
            Problem = status?.Problem ?? "",
            FeaturesToUpgrade = status?.FeaturesToUpgrade ?? false,
            DeviceErrors = status?.Vdevs.Sum(v => (v.ReadErrors ?? 0) + (v.WriteErrors ?? 0) + (v.ChecksumErrors ?? 0)) ?? 0,
        };
        Set(pool.SizeBytes, v => state.SizeBytes = v);
        Set(pool.AllocatedBytes, v => state.AllocatedBytes = v);
        Set(pool.FreeBytes, v => state.FreeBytes = v);
        Set(pool.CapacityPercent, v => state.CapacityPercent = (int)Math.Min(v, 100));
        Set(pool.FragmentationPercent, v => state.FragmentationPercent = (int)Math.Min(v, 100));
        Set(status?.DataErrors, v => state.DataErrors = v);
        state.Scans.Add(status?.Scans.Select(Scan) ?? []);
        return state;
    }

    private static ZfsScanReport Scan(ZfsScan scan)
    {
        var state = new ZfsScanReport
        {
            Kind = scan.Kind == ZfsScanKind.Scrub ? "scrub" : "resilver",
            State = scan.State.ToString().ToLowerInvariant(),
            At = Timestamp.FromDateTimeOffset(scan.At),
        };
        Set(scan.Errors, v => state.Errors = v);
        if (scan.Percent is { } percent)
        {
            state.Percent = percent;
        }

        return state;
    }

    private static ZfsDatasetState Dataset(ZfsDataset dataset)
    {
        var state = new ZfsDatasetState
        {
            Name = dataset.Name,
            Guid = dataset.Guid.Value,
            IsVolume = dataset.Type == ZfsDatasetType.Volume,
            UsedBytes = dataset.UsedBytes,
            AvailableBytes = dataset.AvailableBytes,
            ReferencedBytes = dataset.ReferencedBytes,
            ReadOnly = dataset.ReadOnly,
            EncryptionRoot = dataset.EncryptionRoot ?? "",
            KeyAvailable = dataset.KeyAvailable ?? false,
            WrittenBytes = dataset.WrittenBytes,
        };
        Set(dataset.QuotaBytes, v => state.QuotaBytes = v);
        return state;
    }

    private static LvmGroupState Group(LvmGroup group) => new()
    {
        Name = group.Name,
        Uuid = group.Uuid,
        SizeBytes = group.SizeBytes,
        FreeBytes = group.FreeBytes,
        MissingDevices = group.MissingDevices,
    };

    private static LvmVolumeState Volume(LvmVolume volume)
    {
        var state = new LvmVolumeState
        {
            Name = volume.FullName,
            Uuid = volume.Uuid,
            SizeBytes = volume.SizeBytes,
            IsThinPool = volume.Kind == LvmVolumeKind.ThinPool,
            Pool = volume.Pool ?? "",
            Health = volume.Health,
        };
        if (state.IsThinPool && volume.DataPercent is { } data)
        {
            state.DataPercent = data;
        }

        if (state.IsThinPool && volume.MetadataPercent is { } metadata)
        {
            state.MetadataPercent = metadata;
        }

        return state;
    }

    private static void Set(long? value, Action<long> set)
    {
        if (value is { } known)
        {
            set(known);
        }
    }
}
