using Fleet.Agent.Lvm;
using Fleet.Agent.Tests.Tools;
using Fleet.Agent.Tools;

namespace Fleet.Agent.Tests.Lvm;

/// <summary>The recordings were made with exactly these command lines: what is parsed is what will be asked for.</summary>
public sealed class LvmCommandsTests
{
    private const string Name = "fleet_nightly_20261120T205500Z";
    private static readonly IReadOnlyList<string> Tags = LvmTags.Create("nightly", "1846a328cf9540b68137b0507d35680c");

    public static TheoryData<string> Releases => Recording.Releases();

    [Theory]
    [MemberData(nameof(Releases))]
    public void Recordings_CommandLines_AreOurs(string release)
    {
        AssertRecorded(release, "lvs", "lvs", LvmCommands.Volumes());
        AssertRecorded(release, "vgs", "vgs", LvmCommands.Groups());
        AssertRecorded(release, "pvs", "pvs", LvmCommands.Devices());
        AssertRecorded(release, "snapshot-thin", "lvcreate", LvmCommands.ThinSnapshot("vg", "vol", $"vol.{Name}", Tags));
        AssertRecorded(release, "remove-other-uuid", "lvremove", LvmCommands.Remove("vg", $"vol.{Name}", "nosuch"));
        AssertRecorded(
            release, "snapshot-classic", "lvcreate", LvmCommands.ClassicSnapshot("vg", "home", $"home.{Name}", 50_331_648, Tags));
    }

    [Theory]
    [InlineData("vol.fleet_nightly_20261120T205500Z", true)]
    [InlineData("a+b_c.d-e", true)]
    [InlineData("", false)]
    [InlineData("-a", false)]
    [InlineData(".", false)]
    [InlineData("..", false)]
    [InlineData("a b", false)]
    [InlineData("a/b", false)]
    [InlineData("snapshot1", false)]
    [InlineData("pvmove0", false)]
    [InlineData("pool_tdata", false)]
    [InlineData("ä", false)]
    public void IsVolume_Name_IsWhatLvmTakes(string name, bool expected) => Assert.Equal(expected, LvmNames.IsVolume(name));

    [Theory]
    [InlineData("fleet.policy=nightly", true)]
    [InlineData("a/b!c:d#e&f", true)]
    [InlineData("", false)]
    [InlineData("-a", false)]
    [InlineData("a b", false)]
    [InlineData("a,b", false)]
    public void IsTag_Text_IsWhatLvmTakes(string tag, bool expected) => Assert.Equal(expected, LvmNames.IsTag(tag));

    [Fact]
    public void SetTag_NamesNameAndUuid_AndTakesNothingThatIsNoUuid()
    {
        Assert.Equal(
            "--addtag fleet.protected --select lv_uuid=a-b vg/s0",
            string.Join(' ', LvmCommands.SetTag("vg", "s0", "a-b", LvmTags.Protected, remove: false)));
        Assert.Equal(
            "--deltag fleet.protected --select lv_uuid=a-b vg/s0",
            string.Join(' ', LvmCommands.SetTag("vg", "s0", "a-b", LvmTags.Protected, remove: true)));
        Assert.Throws<ArgumentException>(() => LvmCommands.SetTag("vg", "s0", "a || b", LvmTags.Protected, remove: true));
    }

    private static void AssertRecorded(string release, string name, string program, IReadOnlyList<ToolArgument> arguments) =>
        Assert.Equal(
            new Recording(release, name).Command,
            RecordedTools.Line(new ToolRequest { Program = program, Arguments = arguments, Environment = LvmCommands.Environment }));
}
