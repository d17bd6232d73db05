using System.Text;
using Fleet.Agent.Host;
using Fleet.Agent.Zfs.Listing;

namespace Fleet.Agent.Tests.Zfs.Listing;

public sealed class ZfsSnapshotFoldersTests
{
    private const string Table = """
        27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
        40 27 0:40 / /tank rw,relatime shared:1 - zfs tank rw,xattr,noacl
        41 40 0:41 / /tank/a\040b rw,relatime shared:2 - zfs tank/a\040b rw,xattr,noacl
        42 40 0:42 / /tank/hidden rw,relatime shared:3 - zfs tank/hidden rw,xattr,noacl
        43 42 0:43 / /tank/hidden rw,relatime shared:4 - tmpfs none rw
        44 40 0:44 /sub /mnt/part rw,relatime shared:5 - zfs tank/part rw,xattr,noacl
        45 40 0:45 / /tank/.zfs/snapshot/old rw,relatime - zfs tank@old ro,xattr,noacl
        46 40 0:46 / /tank/odd\012name rw,relatime - zfs tank/odd rw,xattr,noacl
        47 40 0:47 / /mnt/ext rw,relatime - ext4 tank/ext rw

        """;

    private readonly ZfsSnapshotFolders _folders = new(MountTable.Parse(Encoding.ASCII.GetBytes(Table)));

    [Theory]
    [InlineData("tank", true)]
    [InlineData("tank/a b", true)]
    [InlineData("tank/hidden", false)]
    [InlineData("tank/part", false)]
    [InlineData("tank/odd", false)]
    [InlineData("tank/ext", false)]
    [InlineData("tank@old", false)]
    [InlineData("tank/volume", false)]
    public void Has_OnlyWhatIsMountedWholeAndSeen(string dataset, bool seen) => Assert.Equal(seen, _folders.Has(dataset));

    [Fact]
    public void Has_RootFileSystem_IsBelowTheSlash() =>
        Assert.Equal(
            "/.zfs/snapshot",
            new ZfsSnapshotFolders(MountTable.Parse("27 1 0:27 / / rw - zfs rpool/ROOT/debian rw\n"u8))
                .Names(["rpool/ROOT/debian"])[0]
                .ToString());

    [Fact]
    public void Names_AreFoundByOneCall() => Assert.Equal(
        ["/tank/.zfs/snapshot", "/tank/a b/.zfs/snapshot", "-mindepth", "1", "-maxdepth", "1", "-printf", "%f\\t%H\\n"],
        _folders.Names(["tank", "tank/a b"]).Select(a => a.ToString()));

    [Theory]
    [InlineData("by hand: 1\t/tank/a b/.zfs/snapshot", "tank/a b@by hand: 1")]
    [InlineData("x\t/tank/.zfs/snapshot", "tank@x")]
    [InlineData("x\t/tank/hidden/.zfs/snapshot", null)]
    [InlineData("x\t/tank/.zfs", null)]
    [InlineData("x", null)]
    [InlineData("\t/tank/.zfs/snapshot", null)]
    [InlineData("a,b\t/tank/.zfs/snapshot", null)]
    [InlineData("x\ty\t/tank/.zfs/snapshot", null)]
    public void Parse_Line_IsASnapshotOrRefused(string line, string? snapshot) =>
        Assert.Equal(snapshot, _folders.Parse(Encoding.UTF8.GetBytes(line)));
}
