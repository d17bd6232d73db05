using Fleet.Agent.Tests.Tools;
using Fleet.Agent.Tools;
using Fleet.Agent.Zfs;

namespace Fleet.Agent.Tests.Zfs;

/// <summary>The recordings were made with exactly these command lines: what is parsed is what will be asked for.</summary>
public sealed class ZfsCommandsTests
{
    private const string First = "fleet_nightly_20261120T205500Z";

    private static readonly KeyValuePair<string, string>[] Properties =
    [
        new(ZfsCommands.PolicyProperty, "nightly"),
        new(ZfsCommands.RunProperty, "1846a328cf9540b68137b0507d35680c"),
        new(ZfsCommands.HostProperty, "7f0c6b3e-0000-4000-8000-000000000001"),
    ];

    public static TheoryData<string> Releases => Recording.Releases();

    [Theory]
    [MemberData(nameof(Releases))]
    public void Recordings_CommandLines_AreOurs(string release)
    {
        var withChanged = ZfsListParserTests.KnowsSnapshotsChanged(release);
        AssertRecorded(release, "pools", "zpool", ZfsCommands.Pools());
        AssertRecorded(release, "status-healthy", "zpool", ZfsCommands.PoolStatus("tank"));
        AssertRecorded(release, "first-status-old", "zpool", ZfsCommands.PoolStatus("old pool"));
        AssertRecorded(release, "datasets-of-one", "zfs", ZfsCommands.Datasets("tank/data", withChanged));
        AssertRecorded(release, "snapshots-of-three", "zfs", ZfsCommands.Snapshots(["tank/vol", "tank/nosuch", "tank/secret"]));
        AssertRecorded(release, "snapshots-space", "zfs", ZfsCommands.Snapshots(["tank/data/with space"]));
        if (withChanged)
        {
            AssertRecorded(release, "second-snapshot-ids", "zfs", ZfsCommands.SnapshotIds(["tank/empty", "tank/many"]));
            AssertRecorded(release, "change-marks", "zfs", ZfsCommands.ChangeMarks(["tank/empty", "tank/many", "tank/clone"]));
        }

        AssertRecorded(release, "targets", "zfs", ZfsCommands.Targets("tank/data", recursive: true));
        AssertRecorded(release, "targets-one", "zfs", ZfsCommands.Targets("tank/data", recursive: false));
        AssertRecorded(release, "snapshots-named", "zfs", ZfsCommands.SnapshotsNamed([$"tank/data@{First}", $"tank/vol@{First}"]));
        AssertRecorded(release, "written", "zfs", ZfsCommands.WrittenSince(First, ["tank/data"]));
        AssertRecorded(release, "sync", "zpool", ZfsCommands.Sync("tank"));
        AssertRecorded(release, "snapshot-recursive", "zfs", ZfsCommands.Snapshot(["tank/data"], recursive: true, First, Properties));
        AssertRecorded(
            release,
            "snapshot-list",
            "zfs",
            ZfsCommands.Snapshot(["tank/vol", "tank/secret"], recursive: false, First, Properties));
        AssertRecorded(release, "destroy-list", "zfs", ZfsCommands.Destroy("tank/many", [Day("10"), Day("12"), Day("20")]));
        AssertRecorded(release, "origins", "zfs", ZfsCommands.Origins("tank"));
        AssertRecorded(release, "identity", "zfs", ZfsCommands.Identity([$"tank/data@{First}", "tank/inherits@other"]));
    }

    [Theory]
    [InlineData("tank", true)]
    [InlineData("tank/a b/c-d_e.f:g", true)]
    [InlineData("1tank", false)]
    [InlineData("-r", false)]
    [InlineData("", false)]
    [InlineData("tank/", false)]
    [InlineData("/tank", false)]
    [InlineData("tank//a", false)]
    [InlineData("tank/..", false)]
    [InlineData("tank/a@b", false)]
    [InlineData("tank/a,b", false)]
    [InlineData("tank/a%b", false)]
    [InlineData("tank/a\tb", false)]
    [InlineData("tank/a\nb", false)]
    [InlineData("tank/ä", false)]
    public void IsDataset_Name_IsWhatZfsTakes(string name, bool expected) => Assert.Equal(expected, ZfsNames.IsDataset(name));

    [Fact]
    public void IsDataset_LongerThanTheLimit_IsNot()
    {
        Assert.True(ZfsNames.IsDataset($"tank/{new string('n', 250)}"));
        Assert.False(ZfsNames.IsDataset($"tank/{new string('n', 251)}"));
    }

    [Theory]
    [InlineData("tank/data", "tank/data", true)]
    [InlineData("tank/data/a", "tank/data", true)]
    [InlineData("tank/database", "tank/data", false)]
    [InlineData("tank", "tank/data", false)]
    public void IsWithin_Neighbours_AreOutside(string dataset, string root, bool expected) =>
        Assert.Equal(expected, ZfsNames.IsWithin(dataset, root));

    private static string Day(string day) => $"fleet_nightly_202611{day}T205500Z";

    private static void AssertRecorded(string release, string name, string program, IReadOnlyList<ToolArgument> arguments) =>
        Assert.Equal(
            new Recording(release, name).Command,
            RecordedTools.Line(new ToolRequest { Program = program, Arguments = arguments, Environment = ZfsCommands.Environment }));
}
