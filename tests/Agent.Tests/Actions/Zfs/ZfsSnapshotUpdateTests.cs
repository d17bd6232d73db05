using System.Globalization;
using System.Text;
using Fleet.Agent.Actions.Zfs;

namespace Fleet.Agent.Tests.Actions.Zfs;

public sealed class ZfsSnapshotUpdateTests
{
    [Theory]
    [InlineData("1 2 3", "1 2 3", "3")]
    [InlineData("1 2 3", "1 2 3 4", "3 4")]
    [InlineData("1 2 3", "1 2 3 4 5", "3 4 5")]
    [InlineData("1 2 3 4 5 6", "1 2 4 5 6", "2 4 6")]
    [InlineData("1 2 3 4 5 6", "3 4 5 6", "3 6")]
    [InlineData("1 2 3 4 5 6", "1 2 3 4 5", "5")]
    [InlineData("1 2 3 4 5 6", "1 6 7", "1 6 7")]
    [InlineData("1 2 3", "", "")]
    [InlineData("", "1 2", "1 2")]
    [InlineData("1 2 4 5", "1 2 3 4 5", "2 3 5")]
    public void Wanted_NewOnesTheNewestAndNeighboursOfWhatWent(string before, string now, string wanted) =>
        Assert.Equal(wanted, string.Join(' ', ZfsSnapshotUpdate.Wanted([.. Split(before).Select(Snapshot)], [.. Split(now).Select(Id)]).Select(n => n.Split('@')[1])));

    [Fact]
    public void Wanted_NameOfAnother_IsNew()
    {
        var another = Id("1") with { Guid = new ZfsGuid(99), CreateTransactionGroup = 7 };

        Assert.Equal(["tank/a@2", "tank/a@1"], ZfsSnapshotUpdate.Wanted([Snapshot("1"), Snapshot("2")], [Id("2"), another]));
    }

    [Theory]
    [InlineData("tank/a@1\t7\t9", true)]
    [InlineData("tank/a b@by hand: 1\t7\t9", true)]
    [InlineData("tank/a\t7\t9", false)]
    [InlineData("tank/a@1\t0\t9", false)]
    [InlineData("tank/a@1\t7\t-", false)]
    [InlineData("tank/a@1\t7", false)]
    [InlineData("tank/a@1\t7\t9\tmore", false)]
    public void Parse_SnapshotId(string line, bool understood) => Assert.Equal(understood, ZfsSnapshotId.Parse(Encoding.UTF8.GetBytes(line)) is not null);

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
