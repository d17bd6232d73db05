using Fleet.Agent.Tools;

namespace Fleet.Agent.Tests.Tools;

/// <summary>Real processes on both sides.</summary>
public sealed class PipeRelayTests
{
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(60);
    private readonly ToolRunner _runner = new(TimeProvider.System);
    private readonly RecordingOutput _read = new();

    [Fact]
    public async Task Relay_MovesEverythingAndCountsIt()
    {
        using var relay = new PipeRelay(TimeProvider.System, 0);

        var (written, read) = await RunAsync(relay, "head -c 5000000 /dev/zero", "wc -c");

        Assert.True(written.Succeeded && read.Succeeded);
        Assert.Equal("5000000", Assert.Single(_read.Lines).Text);
        Assert.Equal(5_000_000, relay.Moved);
    }

    [Fact]
    public async Task Relay_ReaderEnds_TheWriterDoesToo()
    {
        using var relay = new PipeRelay(TimeProvider.System, 0);

        var (written, read) = await RunAsync(relay, "cat /dev/zero", "head -c 10000 >/dev/null; exit 3");

        Assert.Equal(3, read.ExitCode);
        Assert.False(written.Succeeded);
    }

    [Fact]
    public async Task Relay_WriterFails_TheReaderMeetsTheEnd()
    {
        using var relay = new PipeRelay(TimeProvider.System, 0);

        var (written, read) = await RunAsync(relay, "printf some; exit 4", "cat");

        Assert.Equal((4, "some"), (written.ExitCode, Assert.Single(_read.Lines).Text));
        Assert.True(read.Succeeded);
    }

    [Theory]
    [InlineData("/nowhere/tool", "/bin/cat")]
    [InlineData("/bin/true", "/nowhere/tool")]
    public async Task Relay_OneNeverStarts_NeitherHangs(string writer, string reader)
    {
        using var relay = new PipeRelay(TimeProvider.System, 0);

        var (written, read) = await RunAsync(relay, new ToolRequest { Program = writer }, new ToolRequest { Program = reader });

        Assert.Contains(ToolEnd.NotStarted, new[] { written.End, read.End });
    }

    [Fact]
    public async Task Relay_WithARate_TakesItsTime()
    {
        using var relay = new PipeRelay(TimeProvider.System, 200_000);
        var started = TimeProvider.System.GetTimestamp();

        await RunAsync(relay, "head -c 300000 /dev/zero", "wc -c");

        // No upper bound: only that it was not faster.
        Assert.True(TimeProvider.System.GetElapsedTime(started) > TimeSpan.FromSeconds(1.2));
        Assert.Equal(300_000, relay.Moved);
    }

    private static ToolRequest Shell(string script) => new() { Program = "sh", Arguments = ["-c", script] };

    private Task<(ToolResult Written, ToolResult Read)> RunAsync(PipeRelay relay, string writer, string reader) =>
        RunAsync(relay, Shell(writer), Shell(reader));

    private async Task<(ToolResult Written, ToolResult Read)> RunAsync(PipeRelay relay, ToolRequest writer, ToolRequest reader)
    {
        relay.Start();
        var reading = RunAsync(
            reader with
            {
                StandardInput = relay.ReadEnd,
                OnStarted = _ => relay.LetGoOfReadEnd(),
            },
            _read,
            relay.LetGoOfReadEnd);
        var writing = RunAsync(
            writer with
            {
                StandardOutput = relay.WriteEnd,
                OnStarted = _ => relay.LetGoOfWriteEnd(),
            },
            new RecordingOutput(),
            relay.LetGoOfWriteEnd);
        await Task.WhenAll(reading, writing, relay.Done).WaitAsync(Generous);
        return (await writing, await reading);
    }

    private async Task<ToolResult> RunAsync(ToolRequest request, RecordingOutput output, Action letGo)
    {
        var result = await _runner.RunAsync(request with { Timeout = Generous }, output, TestContext.Current.CancellationToken);
        letGo();
        return result;
    }
}
