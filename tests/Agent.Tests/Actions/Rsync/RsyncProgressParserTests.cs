using System.Text;
using Fleet.Agent.Actions.Rsync;

namespace Fleet.Agent.Tests.Actions.Rsync;

public sealed class RsyncProgressParserTests
{
    [Theory]
    [InlineData("          50002   3%   47.68MB/s    0:00:00 (xfr#3, to-chk=33/37)", 50002, 3, 49_996_103, 33L, 37L, true)]
    [InlineData("  1,234,567  12%    1.00GB/s    1:02:03 (xfr#3, ir-chk=1033/2037)", 1234567, 12, 1073741824, 1033L, 2037L, false)]
    [InlineData("              0   0%    0.00kB/s    0:00:00  ", 0, 0, 0, null, null, null)]
    [InlineData("              5 100%    7.50kB/s   ??:??:??  ", 5, 100, 7680, null, null, null)]
    public void TryParse_Line_GivesItsFields(string line, long bytes, int percent, long rate, long? left, long? known, bool? complete)
    {
        Assert.True(RsyncProgressParser.TryParse(Encoding.ASCII.GetBytes(line), out var progress));

        Assert.Equal(
            (bytes, percent, left, known, complete),
            (progress.BytesDone, progress.Percent, progress.FilesLeft, progress.FilesKnown, progress.ListComplete));
        Assert.Equal(rate, progress.BytesPerSecond);
    }

    [Theory]
    [InlineData("")]
    [InlineData("sending incremental file list")]
    [InlineData("Number of files: 37 (reg: 34, dir: 2, link: 1)")]
    [InlineData("   50002   3%   47.68MB/s    0:00:00 (xfr#3, to-chk=33")]
    [InlineData("   50002   3%   47.68MB/s")]
    [InlineData("   99999999999999999999999999   3%   47.68MB/s 0:00:00")]
    [InlineData("   50002   300%   47.68MB/s    0:00:00")]
    public void TryParse_OtherLine_IsFalse(string line) => Assert.False(RsyncProgressParser.TryParse(Encoding.ASCII.GetBytes(line), out _));

    [Fact]
    public void TryParse_MidFileLine_ShowsTheTimeLeft()
    {
        Assert.True(RsyncProgressParser.TryParse("  1 50% 1.00MB/s 0:01:05"u8, out var progress));
        Assert.Equal(TimeSpan.FromSeconds(65), progress.Remaining);
    }

    [Fact]
    public void TryParse_AnyBytes_NeverThrows()
    {
        var random = new Random(1);
        var valid = "          50002   3%   47.68MB/s    0:00:00 (xfr#3, to-chk=33/37)"u8.ToArray();
        for (var i = 0; i < 20_000; i++)
        {
            var line = (byte[])valid.Clone();
            for (var n = random.Next(1, 5); n > 0; n--)
            {
                line[random.Next(line.Length)] = (byte)random.Next(256);
            }

            _ = RsyncProgressParser.TryParse(line.AsSpan(0, random.Next(line.Length + 1)), out _);
        }
    }
}
