using System.Text;
using Fleet.Agent.Actions;
using Fleet.Agent.Tests.Tools;
using Fleet.Agent.Tools;
using Fleet.Agent.Zfs;
using Fleet.Agent.Zfs.Listing;
using Fleet.Agent.Zfs.Pool;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Zfs;

/// <summary>Lists that real releases printed: pools, datasets, snapshots.</summary>
public sealed class ZfsListParserTests
{
    private const string First = "fleet_nightly_20261120T205500Z";
    private const string Run = "1846a328cf9540b68137b0507d35680c";
    private const string Host = "7f0c6b3e-0000-4000-8000-000000000001";

    public static TheoryData<string> Releases => Recording.Releases();

    [Theory]
    [MemberData(nameof(Releases))]
    public void Pools_Healthy_AllFieldsAreRead(string release)
    {
        var pools = Pools(release, "pools").Items.ToList();

        Assert.Equal(["old pool", "tank"], pools.Select(p => p.Name));
        Assert.All(pools, p => Assert.Equal((ZfsHealth.Online, false), (p.Health, p.ReadOnly)));
        Assert.Equal(pools[1].SizeBytes, pools[1].AllocatedBytes + pools[1].FreeBytes);
        Assert.InRange(pools[1].SizeBytes!.Value, 400_000_000, 536_870_912);
        Assert.InRange(pools[1].FragmentationPercent!.Value, 0, 5);
        Assert.Equal(0, pools[1].CapacityPercent);
        Assert.NotEqual(pools[0].Guid, pools[1].Guid);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void Pools_WithoutTheFeature_FragmentationIsNotKnown(string release) =>
        Assert.Null(Pools(release, "pools").Items.First(p => p.Name == "old pool").FragmentationPercent);

    [Theory]
    [MemberData(nameof(Releases))]
    public void Pools_None_IsAnEmptyList(string release)
    {
        var pools = Pools(release, "pools-none");

        Assert.Empty(pools.Items);
        Assert.True(pools.IsComplete);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void Pools_InTrouble_SaySo(string release)
    {
        Assert.Equal(ZfsHealth.Degraded, Pools(release, "pools-degraded").Items.Single(p => p.Name == "tank").Health);
        Assert.True(Pools(release, "readonly-pools").Items.Single(p => p.Name == "old pool").ReadOnly);
        var stuck = Pools(release, "suspended-pools").Items.Single(p => p.Name == "stuck");
        Assert.Equal((ZfsHealth.Suspended, false), (stuck.Health, stuck.Answers));
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void Datasets_OfEveryKind_AreRead(string release)
    {
        var datasets = Datasets(release, "datasets").Items.ToDictionary(d => d.Name);

        var limited = datasets["tank/data/limited"];
        Assert.Equal(
            (ZfsDatasetType.FileSystem, 209_715_200L, 104_857_600L),
            (limited.Type, limited.QuotaBytes, limited.ReferencedQuotaBytes));
        Assert.Equal(("/tank/data/limited", true, "on"), (limited.MountPoint, limited.Mounted, limited.CanMount));
        Assert.Null(datasets["tank/data"].QuotaBytes);
        Assert.True(datasets["tank/data"].WrittenBytes > 0);
        var volume = datasets["tank/vol"];
        Assert.Equal((ZfsDatasetType.Volume, null, null, null), (volume.Type, volume.MountPoint, volume.Mounted, volume.QuotaBytes));
        Assert.Equal(("tank/secret", true), (datasets["tank/secret"].EncryptionRoot, datasets["tank/secret"].KeyAvailable));
        Assert.Equal(
            ("tank/locked", false, false),
            (datasets["tank/locked"].EncryptionRoot, datasets["tank/locked"].KeyAvailable, datasets["tank/locked"].Mounted));
        Assert.Equal(
            (true, "off", "none"),
            (datasets["tank/off"].ReadOnly, datasets["tank/off"].CanMount, datasets["tank/off"].MountPoint));
        Assert.Equal($"tank/data/limited@{First}", datasets["tank/clone"].Origin);
        Assert.Equal(["tank/inherits"], datasets.Values.Where(d => d.MasksOwnership).Select(d => d.Name));
        Assert.Contains("tank/data/with space", datasets.Keys);
        Assert.Contains(datasets.Keys, n => n.Length == 190);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void Datasets_MountPointWithLineEnd_IsRefusedAndShown(string release)
    {
        var list = Datasets(release, "datasets");

        Assert.False(list.IsComplete);
        Assert.Equal(["and line"], list.Refused);
        Assert.Equal("/mnt/tab\there", list.Items.Single(d => d.Name == "tank/odd").MountPoint);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void Datasets_ReleaseWithSnapshotsChanged_SaysWhenTheyDid(string release)
    {
        if (!KnowsSnapshotsChanged(release))
        {
            return;
        }

        var datasets = Datasets(release, "second-datasets-tank").Items.ToDictionary(d => d.Name);

        Assert.Null(datasets["tank/off"].SnapshotsChangedSeconds);
        Assert.InRange(datasets["tank/many"].SnapshotsChangedSeconds!.Value, 1_700_000_000, 4_000_000_000);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void Snapshots_OfFleet_CarryItsProperties(string release)
    {
        var snapshot = Assert.Single(Snapshots(release, "snapshots").Items);

        Assert.Equal(
            ("tank/data", First, "nightly", Run, Host),
            (snapshot.Dataset, snapshot.Name, snapshot.Policy, snapshot.RunId, snapshot.HostId));
        Assert.Equal(2, snapshot.Holds);
        Assert.True(snapshot.UsedBytes > 0 && snapshot.ReferencedBytes >= snapshot.UsedBytes);
        Assert.InRange(snapshot.Creation.Year, 2024, 2040);
        Assert.Equal($"tank/data@{First}", snapshot.FullName);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void Snapshots_Many_AreInTheOrderTheyWereMade(string release)
    {
        var list = Snapshots(release, "snapshots-many");
        var snapshots = list.Items.ToList();

        Assert.True(list.IsComplete);
        Assert.Equal(29, snapshots.Count);
        Assert.Equal(29, snapshots.Select(s => s.Guid).Distinct().Count());
        Assert.Equal(snapshots.Select(s => s.CreateTransactionGroup).Order(), snapshots.Select(s => s.CreateTransactionGroup));
        Assert.Equal(Enumerable.Range(1, 29), snapshots.Select(s => SnapshotName.Parse(s.Name)!.Instant.Day));
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void Snapshots_NamesWithSpacesAndLongOnes_AreRead(string release)
    {
        var space = Snapshots(release, "snapshots-space").Items.ToList();

        Assert.Equal([First, "by hand: 1"], space.Select(s => s.Name));
        Assert.Equal((null, null, null), (space[1].Policy, space[1].RunId, space[1].HostId));
        Assert.Equal(221, Assert.Single(Snapshots(release, "snapshots-long").Items).FullName.Length);
        Assert.Empty(Snapshots(release, "snapshots-empty").Items);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task Snapshots_PropertyWithTabAndLineEnd_NoneOfTheDatasetCounts(string release)
    {
        // With the right number of tabs in the value the first line looks whole; the rest of it gives it away.
        var list = Snapshots(release, "snapshots-odd");
        var reader = new ZfsSnapshotReader(
            new ZfsQuery(new RecordedTools([new Recording(release, "snapshots-odd")]), TimeProvider.System, new()),
            TimeSpan.FromMinutes(1));

        await reader.ReadAsync("tank", ["tank/odd"], CancellationToken.None);

        Assert.Equal((@"here\x09-", 1), (list.Refused[^1], list.RefusedTotal));
        Assert.Empty(reader.Snapshots);
        Assert.Contains("tank/odd", Assert.Single(reader.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Snapshots_PropertyThatLooksLikeAnotherSnapshot_MakesThatNameUnknown()
    {
        // The last column is free text: with a line end in it, the next line is whatever its author likes.
        var list = new ZfsListing<ZfsSnapshot>(new ZfsSnapshotListParser().Parse, s => s.FullName);
        Feed(list, "tank/a@1\t11\t5\t1795623939\t0\t0\t0\tnightly\trun\tevil\ntank/b@1\t99\t5\t1795623939\t0\t0\t0\tnightly\trun\thost\n");
        Feed(list, "tank/b@1\t22\t5\t1795623939\t0\t0\t1\t-\t-\t-\n");

        Assert.Equal(["tank/a@1"], list.Items.Select(s => s.FullName));
        Assert.False(list.IsComplete);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void Identity_PropertyOfTheDataset_IsNotTheSnapshots(string release)
    {
        var parser = new ZfsIdentityParser();
        List<ZfsIdentity> found = [];
        new Recording(release, "identity").Play(new ZfsListing<object>(
            l =>
            {
                var identity = parser.Line(l, out var understood);
                found.AddRange(identity is null ? [] : [identity]);
                return understood ? new object() : null;
            },
            _ => Guid.NewGuid().ToString()));

        Assert.Equal([$"tank/data@{First}", "tank/inherits@other"], found.Select(i => i.Snapshot));
        Assert.Equal(("nightly", Run, 2L), (found[0].Policy, found[0].RunId, found[0].Holds));
        Assert.Equal((null, null, 0L), (found[1].Policy, found[1].RunId, found[1].Holds));
        Assert.Equal("inherited", Assert.Single(Snapshots(release, "snapshots-inherited").Items).Policy);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void Targets_AndWhatWasWritten_AreRead(string release)
    {
        var targets = new Recording(release, "targets").Play(new ZfsListing<ZfsTarget>(ZfsTarget.Parse, t => t.Name));
        var written = new Recording(release, "written-after").Play(
            new ZfsListing<ZfsWritten>(l => ZfsWritten.Parse(l, First), w => w.Dataset));

        Assert.True(targets.IsComplete);
        Assert.Equal(4, targets.Items.Count());
        Assert.True(targets.Items.Single(t => t.Name == "tank/data").WrittenBytes > 1_000_000);
        Assert.True(written.IsComplete);
        Assert.True(written.Items.Single(w => w.Dataset == "tank/data").Bytes > 1_000_000);
        Assert.Equal(0, written.Items.Single(w => w.Dataset == "tank/data/with space").Bytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("tank/a@1")]
    [InlineData("tank/a@1\t11\t5\t1795623939\t0\t0\t0\tnightly\trun")]
    [InlineData("tank/a@1\t11\t5\t1795623939\t0\t0\t0\tnightly\trun\thost\tmore")]
    [InlineData("tank/a@1\t-\t5\t1795623939\t0\t0\t0\t-\t-\t-")]
    [InlineData("tank/a@1\t0\t5\t1795623939\t0\t0\t0\t-\t-\t-")]
    [InlineData("tank/a@1\t11\t5\t99999999999999999\t0\t0\t0\t-\t-\t-")]
    [InlineData("tank/a@1\t11\t5\tWed Nov 25\t0\t0\t0\t-\t-\t-")]
    [InlineData("tank/a@1\t11\t-5\t1795623939\t0\t0\t0\t-\t-\t-")]
    [InlineData("tank/a@1\t11\t5\t1795623939\t1K\t0\t0\t-\t-\t-")]
    [InlineData("tank/a@\t11\t5\t1795623939\t0\t0\t0\t-\t-\t-")]
    [InlineData("tank//a@1\t11\t5\t1795623939\t0\t0\t0\t-\t-\t-")]
    [InlineData("-r@1\t11\t5\t1795623939\t0\t0\t0\t-\t-\t-")]
    [InlineData("no datasets available")]
    public void Snapshots_OtherLine_IsRefused(string line) => Assert.Null(new ZfsSnapshotListParser().Parse(Encoding.UTF8.GetBytes(line)));

    [Fact]
    public void AllParsers_AnyBytes_NeverThrow()
    {
        var random = new Random(1);
        byte[][] valid =
        [
            "tank\t2673829932549799421\t503316480\t148992\t503167488\t0\t0\t0\tONLINE\toff"u8.ToArray(),
            "tank/vol\t7662647675088281777\tvolume\t12288\t213516288\t12288\t-\t-\toff\t-\t-\t-\t-\t-\t0\t1795623939\t-\t-\t-"u8.ToArray(),
            "tank/a@1\t11\t5\t1795623939\t0\t0\t0\tnightly\trun\thost"u8.ToArray(),
            "tank/a@1\tguid\t11\t-"u8.ToArray(),
        ];
        for (var i = 0; i < 40_000; i++)
        {
            var line = (byte[])valid[i % valid.Length].Clone();
            for (var n = random.Next(1, 5); n > 0; n--)
            {
                line[random.Next(line.Length)] = (byte)random.Next(256);
            }

            var part = line.AsSpan(0, random.Next(line.Length + 1));
            _ = ZfsPool.Parse(part);
            _ = ZfsDataset.Parse(part, withSnapshotsChanged: i % 2 == 0);
            _ = new ZfsSnapshotListParser().Parse(part);
            _ = new ZfsIdentityParser().Line(part, out _);
        }
    }

    internal static bool KnowsSnapshotsChanged(string release) => !new Recording(release, "datasets-without-changed").Exists;

    private static ZfsListing<ZfsPool> Pools(string release, string name) =>
        new Recording(release, name).Play(new ZfsListing<ZfsPool>(ZfsPool.Parse, p => p.Name));

    private static ZfsListing<ZfsDataset> Datasets(string release, string name) =>
        new Recording(release, name).Play(
            new ZfsListing<ZfsDataset>(l => ZfsDataset.Parse(l, KnowsSnapshotsChanged(release)), d => d.Name));

    private static ZfsListing<ZfsSnapshot> Snapshots(string release, string name) =>
        new Recording(release, name).Play(new ZfsListing<ZfsSnapshot>(new ZfsSnapshotListParser().Parse, s => s.FullName));

    private static void Feed(ZfsListing<ZfsSnapshot> list, string text)
    {
        var lines = new LineSplitter(LogStream.Stdout, list, 8192);
        lines.Write(Encoding.UTF8.GetBytes(text));
        lines.Complete();
    }
}
