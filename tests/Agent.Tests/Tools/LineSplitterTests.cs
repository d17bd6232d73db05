using System.Text;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Tools;

public class LineSplitterTests
{
    private readonly RecordingOutput _output = new();

    [Theory]
    [InlineData("a\nb\n", "a|NewLine b|NewLine")]
    [InlineData("a\r\nb", "a|NewLine b|EndOfOutput")]
    [InlineData("\r10%\r20%\rdone\n", "|CarriageReturn 10%|CarriageReturn 20%|CarriageReturn done|NewLine")]
    [InlineData("a\r", "a|CarriageReturn")]
    [InlineData("\n\n", "|NewLine |NewLine")]
    [InlineData("", "")]
    public void Write_AnyChunking_SameLines(string text, string expected)
    {
        for (var chunk = 1; chunk <= Math.Max(1, text.Length); chunk++)
        {
            var output = new RecordingOutput();
            var splitter = new LineSplitter(LogStream.Stdout, output, 16);
            foreach (var part in Encoding.UTF8.GetBytes(text).Chunk(chunk))
            {
                splitter.Write(part);
            }

            splitter.Complete();
            Assert.Equal(expected, string.Join(' ', output.Lines.Select(l => $"{l.Text}|{l.End}")));
        }
    }

    [Fact]
    public void Write_LongerThanLimit_CutAndMarkedAndNextLineWhole()
    {
        var splitter = new LineSplitter(LogStream.Stderr, _output, 4);
        splitter.Write("abcdefgh\nxy\n"u8);
        Assert.Equal([(LogStream.Stderr, "abcd", LineEnd.NewLine, true), (LogStream.Stderr, "xy", LineEnd.NewLine, false)], _output.Lines);
    }
}
