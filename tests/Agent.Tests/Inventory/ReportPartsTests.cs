using Fleet.Agent.Inventory;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Inventory;

public sealed class ReportPartsTests
{
    private const int LimitOfGrpc = 4 * 1024 * 1024;

    [Fact]
    public void Create_ManyOfEverything_FitsIntoMessagesAndLosesNothing()
    {
        var longName = new string('n', 200);
        var stock = new StorageStock { Pools = { new ZfsPoolState { Name = "tank" } }, Problems = { "something" } };
        stock.Datasets.Add(
            Enumerable
                .Range(0, InventoryMessage.MaxDatasets)
                .Select(i => new ZfsDatasetState
                {
                    Name = $"tank/{longName}{i}",
                    EncryptionRoot = longName,
                    Guid = ulong.MaxValue,
                }));
        stock.Volumes.Add(Enumerable.Range(0, 2_500).Select(i => new LvmVolumeState { Name = $"vg/{i}" }));
        List<SnapshotList> lists = [List("tank/empty", 0), List("tank/some", 999), List("tank/many", 2_500), List("tank/last", 1)];

        var parts = ReportParts.Create(7, stock, lists);

        Assert.All(parts, p => Assert.InRange(p.CalculateSize(), 0, LimitOfGrpc / 2));
        Assert.All(parts, p => Assert.InRange(p.Lists.Sum(l => l.Snapshots.Count), 0, ReportParts.MaxSnapshots));
        Assert.All(parts, p => Assert.Equal(7, p.Generation));
        Assert.Equal([.. Enumerable.Repeat(false, parts.Count - 1), true], parts.Select(p => p.Last));
        var whole = new StorageReport();
        parts.ToList().ForEach(whole.MergeFrom);
        Assert.Equal(stock, whole.Stock);
        var merged = whole.Lists.GroupBy(l => l.Scope).ToDictionary(g => g.Key, g => g.SelectMany(l => l.Snapshots).ToList());
        Assert.Equal(["tank/empty", "tank/some", "tank/many", "tank/last"], merged.Keys);
        Assert.All(lists, l => Assert.Equal(l.Snapshots, merged[l.Scope]));
    }

    private static SnapshotList List(string scope, int count) =>
        new()
        {
            Kind = SnapshotKind.Zfs,
            Scope = scope,
            Snapshots =
            {
                Enumerable
                    .Range(0, count)
                    .Select(i => new StoredSnapshot
                    {
                        Name = $"{new string('s', 200)}{i}",
                        Policy = new string('p', 63),
                        RunId = PretendHost.Run,
                        MadeOn = PretendHost.HostId,
                    }),
            },
        };
}
