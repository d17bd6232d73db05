using System.Text;
using Fleet.Agent.Host;

namespace Fleet.Agent.Tests.Host;

public sealed class MountTableTests
{
    private const string Text = """
        27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
        36 27 0:40 / /mnt/a\040b\134c\012d rw,noatime master:1 shared:2 - nfs4 nas:/x\040y rw,addr=10.0.0.1
        37 27 8:1 /sub /mnt/disk ro,relatime - ext4 /dev/sda1 rw
        38 27 8:17 / /mnt/disk rw,relatime - xfs /dev/sdb1 ro

        """;

    private static readonly MountTable Table = MountTable.Parse(Encoding.ASCII.GetBytes(Text));

    [Fact]
    public void Parse_OctalEscapes_AreDecoded()
    {
        Assert.Equal("/mnt/a b\\c\nd", Encoding.UTF8.GetString(Table.Mounts[1].Point));
        Assert.Equal("nas:/x y", Encoding.UTF8.GetString(Table.Mounts[1].Source));
        Assert.Equal("nfs4", Table.Mounts[1].Type);
    }

    [Fact]
    public void Parse_ReadOnly_ComesFromMountOrFileSystem() =>
        Assert.Equal([false, false, true, true], Table.Mounts.Select(m => m.ReadOnly));

    [Theory]
    [InlineData("/mnt/disk/x", "xfs")]
    [InlineData("/mnt/disk", "xfs")]
    [InlineData("/mnt/diskette", "ext4")]
    [InlineData("/", "ext4")]
    public void Of_Path_IsTheLastMountOnTheLongestPoint(string path, string type) =>
        Assert.Equal(type, Table.Of(Encoding.UTF8.GetBytes(path))!.Type);

    [Theory]
    [InlineData("27 1 254:0 / / rw,relatime ext4 /dev/vda rw")]
    [InlineData("x 1 254:0 / / rw,relatime - ext4 /dev/vda rw")]
    [InlineData("27 1")]
    public void Parse_LineOfAnotherShape_IsRefusedWithTheLine(string line)
    {
        var exception = Assert.Throws<FormatException>(() => MountTable.Parse(Encoding.ASCII.GetBytes(line)));
        Assert.Contains(line, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_ThisMachine_HoldsProc() =>
        Assert.Contains(MountTable.Read().Mounts, m => m.Type == "proc" && m.Point.AsSpan().SequenceEqual("/proc"u8));
}
