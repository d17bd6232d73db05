using Fleet.Agent.Tests.Tools;
using Fleet.Agent.Zfs;
using Fleet.Agent.Zfs.Listing;
using Fleet.Agent.Zfs.Pool;
using Fleet.Testing;

namespace Fleet.Agent.Tests.Zfs;

/// <summary>Taking stock, answered with what real releases printed at two moments: before and after two datasets changed.</summary>
public sealed class ZfsInventoryTests
{
    private static readonly DateTimeOffset Later = new(2040, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly FakeTimeProvider _time = new(Later);

    public static TheoryData<string> Releases => Recording.Releases();

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task Read_TwoPools_GivesEverythingInThem(string release)
    {
        var tools = Tools(release, "first");

        var report = await Inventory(tools).ReadAsync(CancellationToken.None);

        Assert.Equal(["old pool", "tank"], report.Pools.Select(p => p.Pool.Name));
        Assert.Empty(report.Problems);
        Assert.Equal(ZfsListParserTests.KnowsSnapshotsChanged(release), report.KnowsSnapshotsChanged);
        var tank = report.Pools[1];
        Assert.Empty(tank.Problems);
        Assert.True(tank.DatasetsComplete);
        Assert.Equal(ZfsHealth.Online, tank.Status!.Health);
        Assert.Equal(tank.Datasets.Select(d => d.Name).Order(), tank.Snapshots.Keys.Order());
        Assert.Equal(
            (30, 0, 2),
            (tank.Snapshots["tank/many"].Count, tank.Snapshots["tank/empty"].Count, tank.Snapshots["tank/data/with space"].Count));
        Assert.True(report.Pools[0].Status!.FeaturesToUpgrade);

        // One call for the pools, three for each; one more where the release has to be found out.
        Assert.Equal(report.KnowsSnapshotsChanged ? 7 : 8, tools.Asked.Count);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task Read_AgainUnchanged_ListsNoSnapshotsWhereTheReleaseTells(string release)
    {
        var tools = Tools(release, "first");
        var inventory = Inventory(tools);
        var first = await inventory.ReadAsync(CancellationToken.None);
        var asked = tools.Asked.Count;

        var second = await inventory.ReadAsync(CancellationToken.None);

        Assert.Equal(first.Pools[1].Snapshots["tank/many"], second.Pools[1].Snapshots["tank/many"]);
        Assert.Equal(second.KnowsSnapshotsChanged ? 0 : second.Pools[1].Datasets.Count, second.Pools[1].DatasetsListed);
        Assert.Equal(second.KnowsSnapshotsChanged ? 5 : 7, tools.Asked.Count - asked);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task Read_AfterSnapshotAndDestroy_ShowsBoth(string release)
    {
        var tools = Tools(release, "first");
        var inventory = Inventory(tools);
        await inventory.ReadAsync(CancellationToken.None);
        Answer(tools, release, "second");
        tools.Answer(new Recording(release, "second-snapshots-changed"));

        var tank = (await inventory.ReadAsync(CancellationToken.None)).Pools[1];

        Assert.Equal((29, 1), (tank.Snapshots["tank/many"].Count, tank.Snapshots["tank/empty"].Count));
        if (ZfsListParserTests.KnowsSnapshotsChanged(release))
        {
            Assert.Equal(0, tank.DatasetsListed);
            Assert.EndsWith("name,guid,createtxg -d 1 tank/empty tank/many", tools.Asked[^2], StringComparison.Ordinal);
            Assert.EndsWith("@fleet_nightly_20261129T205500Z", tools.Asked[^1], StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task Read_PoolThatHangs_CostsTheOthersNothing(string release)
    {
        var tools = Tools(release, "first");
        var inventory = Inventory(tools);
        await inventory.ReadAsync(CancellationToken.None);
        tools.Hang = "-r 'old pool'";

        var reading = inventory.ReadAsync(CancellationToken.None);
        await _time.WaitForTimersAsync();
        _time.Advance(ZfsInventory.ListTimeout + TimeSpan.FromMinutes(1));
        var report = await reading;

        Assert.Contains("cannot be ended", Assert.Single(report.Pools[0].Problems), StringComparison.Ordinal);
        Assert.False(report.Pools[0].DatasetsComplete);
        Assert.Equal(30, report.Pools[1].Snapshots["tank/many"].Count);

        // As long as it hangs, it is not asked again.
        var asked = tools.Asked.Count(a => a.Contains("'old pool'", StringComparison.Ordinal));
        Assert.Contains(
            "still waiting", (await inventory.ReadAsync(CancellationToken.None)).Pools[0].Problems[0], StringComparison.Ordinal);
        Assert.Equal(asked, tools.Asked.Count(a => a.Contains("'old pool'", StringComparison.Ordinal)));

        tools.LetGo();
        tools.Hang = null;
        Task<ZfsReport> again = inventory.ReadAsync(CancellationToken.None);
        await Eventually.TrueAsync(() => Complete(ref again, inventory), "the pool is asked again");
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task Read_SuspendedPool_IsNotAskedForItsDatasets(string release)
    {
        var tools = new RecordedTools([new Recording(release, "suspended-pools"), new Recording(release, "suspended-status")]);

        var pool = Assert.Single((await Inventory(tools).ReadAsync(CancellationToken.None)).Pools);

        Assert.Equal(ZfsHealth.Suspended, pool.Status!.Health);
        Assert.Contains("SUSPENDED", Assert.Single(pool.Problems), StringComparison.Ordinal);
        Assert.Empty(pool.Datasets);
        Assert.Equal(2, tools.Asked.Count);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task ReadSnapshots_OneDatasetWithOddProperties_OthersStayKnown(string release)
    {
        var tools = new RecordedTools([
            new Recording(release, "snapshots-odd-and-empty"),
            new Recording(release, "snapshots-odd"),
            new Recording(release, "snapshots-empty"),
        ]);
        var reader = new ZfsSnapshotReader(new ZfsQuery(tools, _time, new()), ZfsInventory.ListTimeout);

        await reader.ReadAsync("tank", ["tank/empty", "tank/odd"], CancellationToken.None);

        Assert.Equal(["tank/empty"], reader.Snapshots.Keys);
        Assert.Contains("tank/odd", Assert.Single(reader.Problems), StringComparison.Ordinal);
        Assert.Equal(3, tools.Asked.Count);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task ReadSnapshots_DatasetThatVanished_IsMissingAndTheOthersAreThere(string release)
    {
        var tools = new RecordedTools([new Recording(release, "snapshots-of-three")]);
        var reader = new ZfsSnapshotReader(new ZfsQuery(tools, _time, new()), ZfsInventory.ListTimeout);

        await reader.ReadAsync("tank", ["tank/vol", "tank/nosuch", "tank/secret"], CancellationToken.None);

        Assert.Equal(["tank/secret", "tank/vol"], reader.Snapshots.Keys.Order());
        Assert.All(reader.Snapshots.Values, s => Assert.Single(s));
        Assert.Empty(reader.Problems);
    }

    private static bool Complete(ref Task<ZfsReport> reading, ZfsInventory inventory)
    {
        if (!reading.IsCompletedSuccessfully)
        {
            return false;
        }

        var complete = reading.Result.Pools[0].DatasetsComplete;
        reading = complete ? reading : inventory.ReadAsync(CancellationToken.None);
        return complete;
    }

    private static RecordedTools Tools(string release, string moment)
    {
        var tools = new RecordedTools([]);
        Answer(tools, release, moment);
        return tools;
    }

    private static void Answer(RecordedTools tools, string release, string moment)
    {
        foreach (var name in Recording
                .Names(release)
                .Where(n => n.StartsWith($"{moment}-", StringComparison.Ordinal) || n == "datasets-without-changed"))
        {
            tools.Answer(new Recording(release, name));
        }
    }

    private ZfsInventory Inventory(RecordedTools tools) => new(new ZfsQuery(tools, _time, new()), new ZfsSnapshotCache(), _time);
}
