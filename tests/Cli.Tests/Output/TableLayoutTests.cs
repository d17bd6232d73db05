using Fleet.Cli.Output;

namespace Fleet.Cli.Tests.Output;

public sealed class TableLayoutTests
{
    private const string Snapshot = "tank/vm/databases/postgres@fleet_nightly-databases_20261120T205500Z";

    private static readonly string[] Headers = ["SNAPSHOT", "HOST", "POLICY", "USED", "NOTES"];

    private static readonly Cell[][] Snapshots =
    [
        [Snapshot, "nas", "nightly-databases", "1.0 MiB", "held; before the upgrade of the cluster to the new release, do not destroy"],
        ["tank@fleet_1", "nas", "n", "12 KiB", ""],
    ];

    private static readonly string[] RunHeaders = ["RUN", "POLICY", "HOST", "STATE", "SCHEDULED", "TOOK", "RESULT"];

    private static readonly Cell[][] Runs =
    [
        ["3f9c2a81d0b4", "nightly-home", "web1", "succeeded", "2m14s ago", "2.9s", "600 of 621 entries transferred, 0 deleted"],
        [
            "a0b1c2d3e4f5",
            "nightly-home",
            "web2",
            "refused",
            "13s ago",
            "",
            "no rule of rsync.destinations covers /backup/home: add it, or a folder above it, to /etc/fleet/guard.yaml",
        ],
    ];

    private static string[] Lines(string[] headers, Cell[][] rows, int width, params ReadOnlySpan<int> right) =>
        [.. TableLayout.Lines(headers, rows, right, width).Select(l => string.Concat(l.Select(c => c.Text)))];

    [Theory]
    [InlineData(40)]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(120)]
    [InlineData(200)]
    public void Lines_AnyWidth_BreakNoWord(int width)
    {
        foreach (var (headers, rows) in new[] { (Headers, Snapshots), (RunHeaders, Runs) })
        {
            var lines = Lines(headers, rows, width);

            // A word that is longer than the line stands alone on it.
            Assert.All(lines, l => Assert.True(
                l.Length <= width || l.Trim().Split(' ').Length == 1 || l.Split(' ').Max(w => w.Length) + 4 > width, $"{width}: {l}"));
            var printed = lines.SelectMany(l => l.Split(' ')).ToHashSet();
            Assert.All(rows.SelectMany(r => r).SelectMany(c => c.Text.Split(' ')), word => Assert.Contains(word, printed));
        }
    }

    [Fact]
    public void Lines_EightyColumns_PutALongTextBelowItsRow() => Assert.Equal(
        [
            "RUN           POLICY        HOST  STATE      SCHEDULED  TOOK",
            "3f9c2a81d0b4  nightly-home  web1  succeeded  2m14s ago  2.9s",
            "    600 of 621 entries transferred, 0 deleted",
            "a0b1c2d3e4f5  nightly-home  web2  refused    13s ago",
            "    no rule of rsync.destinations covers /backup/home: add it, or a folder above",
            "    it, to /etc/fleet/guard.yaml",
        ],
        Lines(RunHeaders, Runs, 80));

    [Fact]
    public void Lines_SixtyColumns_NameWhatStandsBelow() => Assert.Equal(
        [
            "SNAPSHOT",
            Snapshot,
            "    host nas  policy nightly-databases  used 1.0 MiB  notes",
            "    held; before the upgrade of the cluster to the new",
            "    release, do not destroy",
            "tank@fleet_1",
            "    host nas  policy n  used 12 KiB",
        ],
        Lines(Headers, Snapshots, 60, 3));

    [Fact]
    public void Lines_EnoughRoom_WrapTheLongestTextInItsColumn() => Assert.Equal(
        [
            "RUN           POLICY        HOST  STATE      SCHEDULED  TOOK  RESULT",
            "3f9c2a81d0b4  nightly-home  web1  succeeded  2m14s ago  2.9s  600 of 621 entries transferred, 0 deleted",
            "a0b1c2d3e4f5  nightly-home  web2  refused    13s ago          no rule of rsync.destinations covers",
            "                                                              /backup/home: add it, or a folder above it, to",
            "                                                              /etc/fleet/guard.yaml",
        ],
        Lines(RunHeaders, Runs, 110));

    [Fact]
    public void Lines_NoTerminal_AreOnePerRow() => Assert.Equal(3, Lines(RunHeaders, Runs, TextWrap.Unlimited).Length);

    [Fact]
    public void Lines_EmptyColumn_GoesFirst() => Assert.Equal(
        ["A       C", "aaaaaa  cccccc"],
        Lines(["A", "BBBBBBBBBBBB", "C"], [["aaaaaa", "", "cccccc"]], 20));

    [Theory]
    [InlineData("one two three", 7, "one two|three")]
    [InlineData("  one two", 5, "  one|two")]
    [InlineData("averylongword next", 5, "averylongword|next")]
    [InlineData("日本語 日本", 6, "日本語|日本")]
    public void Wrap_Words_StayWhole(string text, int width, string expected) =>
        Assert.Equal(expected, string.Join('|', TextWrap.Lines(text, width)));

    [Fact]
    public void Wrap_WordOfTwoTones_StaysWhole() => Assert.Equal(
        ["a", "  b:c", "  d"],
        TextWrap.Lines(["a b", new Cell(":c", Tone.Bad), " d"], 4, 2).Select(l => string.Concat(l.Select(c => c.Text))));
}
