using System.Globalization;
using System.Text;
using Fleet.Agent.Host;
using Fleet.Agent.Tests.Actions.Zfs;
using Fleet.Agent.Zfs;
using Fleet.Agent.Zfs.Listing;

namespace Fleet.Agent.Tests.Zfs.Listing;

public sealed class ZfsSnapshotUpdateTests
{
    [Theory]
    [InlineData("1 2 3", "1 2 3", "3")]
    [InlineData("1 2 3", "1 2 3 4", "4 3")]
    [InlineData("1 2 3", "1 2 3 4 5", "4 5 3")]
    [InlineData("1 2 3 4 5 6", "1 2 4 5 6", "2 4 6")]
    [InlineData("1 2 3 4 5 6", "3 4 5 6", "3 6")]
    [InlineData("1 2 3 4 5 6", "1 2 3 4 5", "5")]
    [InlineData("1 2 3 4 5 6", "1 6 7", "7 1 6")]
    [InlineData("1 2 3", "", "")]
    [InlineData("", "1 2", "1 2")]
    public void Wanted_NewOnesTheNewestAndNeighboursOfWhatWent(string before, string now, string wanted) =>
        Assert.Equal(
            wanted,
            string.Join(
                ' ',
                ZfsSnapshotUpdate.Wanted([.. Split(before).Select(Snapshot)], [.. Split(now).Select(Id)]).Select(n => n.Split('@')[1])));

    [Fact]
    public void Wanted_NameOfAnother_IsNew()
    {
        var another = Id("1") with { Guid = new ZfsGuid(99), CreateTransactionGroup = 7 };

        Assert.Equal(["tank/a@1", "tank/a@2"], ZfsSnapshotUpdate.Wanted([Snapshot("1"), Snapshot("2")], [Id("2"), another]));
    }

    [Theory]
    [InlineData("tank/a@1\t7\t9", true)]
    [InlineData("tank/a b@by hand: 1\t7\t9", true)]
    [InlineData("tank/a\t7\t9", false)]
    [InlineData("tank/a@1\t0\t9", false)]
    [InlineData("tank/a@1\t7\t-", false)]
    [InlineData("tank/a@1\t7", false)]
    [InlineData("tank/a@1\t7\t9\tmore", false)]
    public void Parse_SnapshotId(string line, bool understood) =>
        Assert.Equal(understood, ZfsSnapshotId.Parse(Encoding.UTF8.GetBytes(line)) is not null);

    [Theory]
    [InlineData("fleet_nightly_20261120T205500Z", true)]
    [InlineData("autosnap_2026-11-20_20:55:00_hourly", true)]
    [InlineData("syncoid_nas_2026-11-20:20:55:00-GMT00:00", true)]
    [InlineData("zrepl_20261120_205500_000", true)]
    [InlineData("auto-2026-11-20_20-55", true)]
    [InlineData("zfs-auto-snap_hourly-2026-11-20-2055", true)]
    [InlineData("daily.0", false)]
    [InlineData("yesterday", false)]
    [InlineData("2026-11-20", false)]
    [InlineData("20261120", false)]
    [InlineData("1234567890", false)]
    public void NamesAnInstant_NamesThatAreGivenOnce(string name, bool once) =>
        Assert.Equal(once, ZfsSnapshotUpdate.NamesAnInstant().IsMatch(name));

    [Fact]
    public async Task Read_Mounted_AsksForWhatIsNewAndForNamesThatMayHaveMoved()
    {
        var pool = Pool();
        var before = await ListAsync(pool);
        pool.Remove("tank/a@daily.0");
        pool.Add("tank/a", "daily.0", PretendPool.At(8));
        pool.Add("tank/a", "fleet_nightly_20261120T235500Z", PretendPool.At(9));
        pool.Asked.Clear();

        var now = await ReadAsync(pool, before);

        Assert.Equal(await ListAsync(pool), now);
        Assert.Equal("/tank/a/.zfs/snapshot -mindepth 1 -maxdepth 1 -printf %f\\t%H\\n", pool.Asked[0]);
        Assert.EndsWith(
            ",fleet:host tank/a@daily.0 tank/a@fleet_nightly_20261120T235500Z tank/a@fleet_nightly_20261120T205500Z tank/a@fleet_nightly_20261120T225500Z",
            pool.Asked[1],
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_FolderThatCannotBeRead_IsAskedForByIdentity()
    {
        var pool = Pool();
        var before = await ListAsync(pool);
        pool.FolderIsUnreadable = true;
        pool.Remove("tank/a@fleet_nightly_20261120T205500Z");
        pool.Asked.Clear();

        var now = await ReadAsync(pool, before);

        Assert.Equal(await ListAsync(pool), now);
        Assert.EndsWith("-o name,guid,createtxg -d 1 tank/a", pool.Asked[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_GoneBetweenTheQuestions_IsLeftToAFullList()
    {
        var pool = Pool();
        var before = await ListAsync(pool);
        pool.Add("tank/a", "fleet_nightly_20261120T235500Z", PretendPool.At(9));
        pool.OnAsked = line =>
        {
            if (line.EndsWith("T225500Z", StringComparison.Ordinal))
            {
                pool.Remove("tank/a@fleet_nightly_20261120T235500Z");
            }
        };

        Assert.Empty(await ReadAsync(pool, before));
    }

    private static PretendPool Pool()
    {
        var pool = new PretendPool();
        pool.Add("tank/a", "daily.0", PretendPool.At(0));
        pool.Add("tank/a", "fleet_nightly_20261120T205500Z", PretendPool.At(1));
        pool.Add("tank/a", "fleet_nightly_20261120T215500Z", PretendPool.At(2));
        pool.Add("tank/a", "fleet_nightly_20261120T225500Z", PretendPool.At(3));
        return pool;
    }

    private static async Task<IReadOnlyList<ZfsSnapshot>> ListAsync(PretendPool pool)
    {
        var reader = new ZfsSnapshotReader(new ZfsQuery(pool, TimeProvider.System, new()), TimeSpan.FromMinutes(1));
        await reader.ReadAsync("tank", ["tank/a"], CancellationToken.None);
        return reader.Snapshots["tank/a"];
    }

    private static async Task<IReadOnlyList<ZfsSnapshot>> ReadAsync(PretendPool pool, IReadOnlyList<ZfsSnapshot> before)
    {
        var folders = new ZfsSnapshotFolders(MountTable.Parse("40 27 0:40 / /tank/a rw - zfs tank/a rw\n"u8));
        var update = new ZfsSnapshotUpdate(new ZfsQuery(pool, TimeProvider.System, new()), folders, TimeSpan.FromMinutes(1));
        var now = await update.ReadAsync(
            "tank", new Dictionary<string, IReadOnlyList<ZfsSnapshot>> { ["tank/a"] = before }, CancellationToken.None);
        return now.GetValueOrDefault("tank/a") ?? [];
    }

    private static string[] Split(string numbers) => numbers.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static ZfsSnapshotId Id(string number) => ZfsSnapshotId.Of(Snapshot(number));

    private static ZfsSnapshot Snapshot(string number) => new()
    {
        Dataset = "tank/a",
        Name = number,
        Guid = new ZfsGuid(ulong.Parse(number, CultureInfo.InvariantCulture)),
        CreateTransactionGroup = long.Parse(number, CultureInfo.InvariantCulture),
        Creation = DateTimeOffset.UnixEpoch,
        UsedBytes = 0,
        ReferencedBytes = 0,
        Holds = 0,
        Policy = null,
        RunId = null,
        HostId = null,
    };
}
