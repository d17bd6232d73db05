using System.Globalization;
using System.Text;
using Fleet.Agent.Native;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Tools;

/// <summary>Real processes throughout.</summary>
public class ToolRunnerTests
{
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(60);
    private readonly ToolRunner _runner = new(TimeProvider.System);
    private readonly RecordingOutput _output = new();

    [Fact]
    public async Task Run_ExitCode_LinesOfBothStreamsAndUsage()
    {
        var result = await RunAsync(Shell("echo out; echo err >&2; exit 3"));
        Assert.Equal((ToolEnd.Exited, 3, null), (result.End, result.ExitCode, result.Signal));
        Assert.Contains((LogStream.Stdout, "out", LineEnd.NewLine, false), _output.Lines);
        Assert.Contains((LogStream.Stderr, "err", LineEnd.NewLine, false), _output.Lines);
        Assert.True(result.MaxResidentBytes > 100_000, $"{result.MaxResidentBytes} bytes");
        Assert.Equal("sh", result.Name);
    }

    [Fact]
    public async Task Run_ArgumentsThatAreNotUtf8_ArriveByteForByte()
    {
        byte[] odd = [(byte)'a', 0xff, (byte)'\n', 0xfe, (byte)'$', (byte)'('];
        var result = await RunAsync(new ToolRequest
        {
            Program = "sh",
            Arguments = ["-c", "printf %s \"$1\" | od -An -tx1", "sh", new ToolArgument(odd)],
        });
        Assert.True(result.Succeeded);
        Assert.Equal("61 ff 0a fe 24 28", _output.Lines[0].Text.Trim());
    }

    [Fact]
    public async Task Run_Environment_IsMinimal()
    {
        Environment.SetEnvironmentVariable("FLEET_TEST_LEAK", "secret");
        await RunAsync(new ToolRequest { Program = "env", Environment = new Dictionary<string, string> { ["EXTRA"] = "1" } });
        var names = _output.Lines.Select(l => l.Text.Split('=')[0]).Order(StringComparer.Ordinal);
        Assert.Equal(["EXTRA", "HOME", "LANG", "LC_ALL", "PATH"], names);
    }

    [Fact]
    public async Task Run_StandardInput_IsEmptyAndWorkingDirectoryIsAsAsked()
    {
        var result = await RunAsync(Shell("pwd; cat; echo end") with { WorkingDirectory = "/usr" });
        Assert.True(result.Succeeded);
        Assert.Equal(["/usr", "end"], _output.Lines.Select(l => l.Text));
    }

    [Fact]
    public async Task Run_Descriptors_OnlyTheThreeStandardOnes()
    {
        // The fourth is ls's own, of the folder that it reads.
        await RunAsync(new ToolRequest { Program = "ls", Arguments = ["/proc/self/fd"] });
        Assert.Equal(["0", "1", "2", "3"], _output.Lines.Select(l => l.Text));
    }

    [Fact]
    public async Task Run_BrokenPipe_KillsTheWriterAsInAShell()
    {
        var result = await RunAsync(Shell("(yes; echo $? >&2) | head -n 1; true"));
        Assert.True(result.Succeeded);
        Assert.Contains(_output.Lines, l => l is { Stream: LogStream.Stderr, Text: "141" });
    }

    [Fact]
    public async Task Run_Priority_IsThatOfTheRequestAndNotOfTheAgent()
    {
        var before = await NiceOfThisProcessAsync();
        await RunAsync(
            Shell("cut -d' ' -f19 /proc/self/stat; ionice") with
            {
                Priority = new ToolPriority(before + 5, IoClass.BestEffort, 7),
            });
        Assert.Equal([(before + 5).ToString(CultureInfo.InvariantCulture), "best-effort: prio 7"], _output.Lines.Select(l => l.Text));
        Assert.Equal(before, await NiceOfThisProcessAsync());
    }

    [Fact]
    public async Task Run_OwnSessionAndGroup_AndStartedProcessIsReported()
    {
        StartedProcess? started = null;
        await RunAsync(Shell("cut -d' ' -f1,5,6,22 /proc/$$/stat") with { OnStarted = s => started = s });
        Assert.NotNull(started);
        var pid = started.Value.ProcessId;
        Assert.Equal($"{pid} {pid} {pid} {started.Value.StartTicks}", _output.Lines[0].Text);
    }

    [Theory]
    [InlineData("no-such-tool", "not installed")]
    [InlineData("/etc/passwd", "not executable")]
    [InlineData("/no/such\nprogram", "\\x0aprogram")]
    public async Task Run_MissingProgram_NotStartedAndSaysSo(string program, string expected)
    {
        var result = await RunAsync(new ToolRequest { Program = program });
        Assert.Equal(ToolEnd.NotStarted, result.End);
        Assert.Contains(expected, result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_KilledBySignal_SignalAndNoExitCode()
    {
        var result = await RunAsync(Shell("kill -SEGV $$"));
        Assert.Equal((ToolEnd.Exited, null, 11), (result.End, result.ExitCode, result.Signal));
    }

    [Fact]
    public async Task Run_Timeout_TermEndsItWithItsGrandchildren()
    {
        var result = await RunAsync(Shell("sleep 1000 & echo $!; wait") with { Timeout = TimeSpan.FromMilliseconds(300) });
        Assert.Equal(ToolEnd.TimedOut, result.End);
        Assert.Equal(15, result.Signal);
        AssertGone(_output.Lines[0].Text);
    }

    [Fact]
    public async Task Run_TermIsIgnored_KillFollowsAfterGrace()
    {
        var result = await RunAsync(Shell("trap '' TERM; (sleep 1000 & echo $!; wait); sleep 1000") with
        {
            Timeout = TimeSpan.FromMilliseconds(500),
            Grace = TimeSpan.FromMilliseconds(300),
        });
        Assert.Equal((ToolEnd.TimedOut, 9), (result.End, result.Signal));
        Assert.True(result.Duration >= TimeSpan.FromMilliseconds(800), $"{result.Duration}");
        AssertGone(_output.Lines[0].Text);
    }

    [Fact]
    public async Task Run_LeaderExitsBeforeGrandchild_RestOfTheGroupIsEndedAndWaitedFor()
    {
        var result = await RunAsync(Shell("sleep 1000 & echo $!; exit 0"));
        Assert.True(result.Succeeded);
        AssertGone(_output.Lines[0].Text);
    }

    [Fact]
    public async Task Run_DaemonHoldsTheOutputOpen_ResultDoesNotWaitForIt()
    {
        var result = await RunAsync(Shell("setsid sleep 30 & echo $!; exit 0"));
        Assert.True(result.Succeeded);
        Assert.True(result.Duration < TimeSpan.FromSeconds(20), $"{result.Duration}");
        await RunAsync(new ToolRequest { Program = "kill", Arguments = [_output.Lines[0].Text] });
    }

    [Fact]
    public async Task Run_Cancelled_GroupIsGone()
    {
        using var cancellation = new CancellationTokenSource();
        var run = _runner.RunAsync(Shell("sleep 1000 & echo $!; wait"), _output, cancellation.Token);
        var grandchild = await _output.WaitForAsync(l => l.Length > 0);
        await cancellation.CancelAsync();
        var result = await run.WaitAsync(Generous);
        Assert.Equal(ToolEnd.Cancelled, result.End);
        AssertGone(grandchild);
    }

    [Fact]
    public async Task Run_AlreadyCancelled_StartsNothing()
    {
        var result = await _runner.RunAsync(Shell("echo started"), _output, new CancellationToken(true));
        Assert.Equal(ToolEnd.Cancelled, result.End);
        Assert.Empty(_output.Lines);
    }

    [Fact]
    public async Task Run_OutputThrows_ProcessIsEndedAndExceptionArrives()
    {
        var failing = new ThrowingOutput();
        await Assert.ThrowsAsync<InvalidDataException>(() =>
            _runner.RunAsync(Shell("echo $$; sleep 1000"), failing, default).WaitAsync(Generous));
        AssertGone(failing.FirstLine!);
    }

    [Fact]
    public async Task Run_ManyAtOnce_EachHasItsOwnEnd()
    {
        var runs = Enumerable.Range(0, 50).Select(i => _runner.RunAsync(Shell($"exit {i}"), new RecordingOutput(), default)).ToList();
        var results = await Task.WhenAll(runs).WaitAsync(Generous);
        Assert.Equal(Enumerable.Range(0, 50).Select(i => (int?)i), results.Select(r => r.ExitCode));
    }

    private static ToolRequest Shell(string script) => new() { Program = "sh", Arguments = ["-c", script] };

    private Task<ToolResult> RunAsync(ToolRequest request) => _runner.RunAsync(request, _output, default).WaitAsync(Generous);

    private async Task<int> NiceOfThisProcessAsync()
    {
        var output = new RecordingOutput();
        await _runner.RunAsync(Shell("cut -d' ' -f19 /proc/self/stat"), output, default);
        return int.Parse(output.Lines[0].Text, CultureInfo.InvariantCulture);
    }

    private static void AssertGone(string processId) =>
        Assert.False(Directory.Exists($"/proc/{processId}"), $"process {processId} is still there");

    private sealed class ThrowingOutput : IToolOutput
    {
        public string? FirstLine { get; private set; }

        public void OnLine(LogStream stream, ReadOnlySpan<byte> line, LineEnd end, bool truncated)
        {
            FirstLine = Encoding.UTF8.GetString(line);
            throw new InvalidDataException("a bug");
        }
    }
}
