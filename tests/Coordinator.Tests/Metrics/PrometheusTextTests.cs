using System.IO.Pipelines;
using System.Text;
using Fleet.Coordinator.Metrics;

namespace Fleet.Coordinator.Tests.Metrics;

public sealed class PrometheusTextTests
{
    [Fact]
    public async Task Sample_HostileLabelsAndHelp_AreEscapedAsTheFormatSays()
    {
        var text = await WriteAsync(static text =>
        {
            text.Family("x", "gauge", "one\ntwo \\ three \"four\"");
            text.Sample("x", [KeyValuePair.Create("path", "a\\b\"c\nd"), KeyValuePair.Create("e", "ä")], 1.5);
            text.Sample("y", [], -3);
        });

        Assert.Equal(
            "# HELP x one\\ntwo \\\\ three \"four\"\n# TYPE x gauge\nx{path=\"a\\\\b\\\"c\\nd\",e=\"ä\"} 1.5\ny -3\n",
            text);
    }

    [Theory]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    [InlineData(0.1, "0.1")]
    [InlineData(1795211302.731, "1795211302.731")]
    [InlineData(1e21, "1E+21")]
    public void Number_Of_IsWhatGoParses(double value, string expected) => Assert.Equal(expected, PrometheusText.Number(value));

    [Fact]
    public async Task Sample_ControlCharacters_LeaveAPageThatParses()
    {
        var every = string.Concat(Enumerable.Range(0, 0xa0).Select(static c => (char)c)) + "\u2028\u2029";

        var text = await WriteAsync(text =>
        {
            text.Family("x", "gauge", every);
            text.Sample("x", [KeyValuePair.Create("label", every)], 1);
        });

        var lines = text.Split('\n');
        Assert.Equal(4, lines.Length);
        Assert.Equal(["# HELP x ", "# TYPE x ", "x{label=\"", ""], lines.Select(static l => l[..Math.Min(l.Length, 9)]));
        Assert.DoesNotContain(text, static c => char.IsControl(c) && c != '\n');
        Assert.Matches("^x\\{label=\"([^\"\\\\]|\\\\[n\"\\\\])*\"\\} 1$", lines[2]);
    }

    private static async Task<string> WriteAsync(Action<PrometheusText> write)
    {
        using var stream = new MemoryStream();
        var writer = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
        var text = new PrometheusText(writer);
        write(text);
        await text.FlushAsync(CancellationToken.None, force: true);
        await writer.CompleteAsync();
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
