using Fleet.Cli.Outcomes;
using Fleet.Cli.Tests.Scripted;
using Fleet.Protocol.V1;
using Grpc.Core;

namespace Fleet.Cli.Tests.Runs;

public sealed class LogsCommandTests : IAsyncLifetime
{
    private readonly Terminal _terminal = new();
    private ScriptedCoordinator _coordinator = null!;

    public async ValueTask InitializeAsync()
    {
        _coordinator = await ScriptedCoordinator.StartAsync();
        _terminal.With(_coordinator);
    }

    public async ValueTask DisposeAsync()
    {
        await _coordinator.DisposeAsync();
        _terminal.Dispose();
    }

    private static LogLine Line(long number, string text, int attempt = 1, LogStream stream = LogStream.Stdout) =>
        new() { Number = number, Text = text, Attempt = attempt, Stream = stream };

    private static Run RunOf(int attempt, RunState state)
    {
        var run = Fleets.Running;
        run.Attempt = attempt;
        run.State = state;
        return run;
    }

    private void Kept(int attempt, RunState state, params LogLine[] lines) => _coordinator.Script
        .On<GetRunRequest, Run>("GetRun", _ => RunOf(attempt, state))
        .On<ListRunLogRequest, ListRunLogResponse>("ListRunLog", r => r.PageToken.Length == 0
            ? new ListRunLogResponse { Lines = { lines.Take(1) }, NextPageToken = "rest" }
            : new ListRunLogResponse { Lines = { lines.Skip(1) }, OmittedLines = 7 });

    [Fact]
    public async Task Logs_Finished_PrintsAllPagesAndWhatIsMissing()
    {
        Kept(2, RunState.Succeeded,
            Line(1, "started", stream: LogStream.Agent), Line(2, "a\tb"), Line(5, "\u001b[2Jx", stream: LogStream.Stderr),
            Line(1, "again", attempt: 2));

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("logs", "3f9c2a"));

        Assert.Equal("# started\n  a\tb\n# 2 lines left out\n! \\x1b[2Jx\n# attempt 2\n  again\n", _terminal.Output);
        Assert.Equal("7 lines of this run are not kept: the size of a run's log is limited\n", _terminal.Error);
    }

    [Theory]
    [InlineData("2", "  c\n  d\n")]
    [InlineData("9", "  a\n  b\n  c\n  d\n")]
    [InlineData("0", "")]
    public async Task Logs_Tail_PrintsTheLastLinesAlone(string tail, string output)
    {
        Kept(1, RunState.Succeeded, Line(1, "a"), Line(2, "b"), Line(3, "c"), Line(4, "d"));

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("logs", "-n", tail, "3f9c2a"));

        Assert.Equal(output, _terminal.Output);
    }

    [Fact]
    public async Task Logs_TailAndFollow_GoesOnAfterTheLast()
    {
        Kept(1, RunState.Running, Line(1, "a"), Line(2, "b"));
        var asked = new List<long>();
        _coordinator.Script.OnStream<WatchRunRequest>("WatchRun", async (request, stream, _) =>
        {
            asked.Add(request.LogAfter);
            await stream.WriteAsync(new WatchRunResponse { Log = Line(3, "c") });
            await stream.WriteAsync(new WatchRunResponse { Run = RunOf(1, RunState.Succeeded) });
        });

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("logs", "-n", "0", "-f", "3f9c2a"));

        Assert.Equal([2], asked);
        Assert.Equal("  c\n", _terminal.Output);
    }

    [Fact]
    public async Task Logs_IdInUpperCase_IsTheSame()
    {
        Kept(1, RunState.Succeeded, Line(1, "a"));

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("logs", "3F9C2A"));

        Assert.Equal("3f9c2a", Assert.Single(_coordinator.Script.Requests<GetRunRequest>("GetRun")).RunId);
    }

    [Fact]
    public async Task Logs_Json_IsOneLinePerLine()
    {
        Kept(1, RunState.Succeeded, Line(1, "a"), Line(2, "b\u001b"));

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("logs", "3f9c2a", "--json"));

        Assert.Equal([Line(1, "a"), Line(2, "b\u001b")], _terminal.Output.TrimEnd('\n').Split('\n').Select(LogLine.Parser.ParseJson));
        Assert.DoesNotContain('\u001b', _terminal.Output);
    }

    [Fact]
    public async Task Logs_Follow_GoesOnWhereTheKeptOnesEndOverALostStream()
    {
        Kept(1, RunState.Running, Line(1, "one"), Line(2, "two"));
        var asked = new List<long>();
        _coordinator.Script.OnStream<WatchRunRequest>("WatchRun", async (request, stream, _) =>
        {
            asked.Add(request.LogAfter);
            await stream.WriteAsync(new WatchRunResponse { Run = RunOf(1, RunState.Running) });
            if (asked.Count == 1)
            {
                await stream.WriteAsync(new WatchRunResponse { Log = Line(3, "three") });
                throw new RpcException(new Grpc.Core.Status(StatusCode.Unavailable, "gone"));
            }

            await stream.WriteAsync(new WatchRunResponse { Log = Line(3, "three") });
            await stream.WriteAsync(new WatchRunResponse { Log = Line(4, "four") });
            await stream.WriteAsync(new WatchRunResponse { Run = RunOf(1, RunState.Failed) });
        });

        Assert.Equal(ExitCode.NotWell, await _terminal.RunAsync("logs", "-f", "3f9c2a"));

        Assert.Equal([2, 3], asked);
        Assert.Equal("  one\n  two\n  three\n  four\n", _terminal.Output);
    }

    [Fact]
    public async Task Logs_FollowWhileAFurtherAttemptBegan_PrintsItFromItsFirstLine()
    {
        Kept(1, RunState.Running, Line(1, "one"), Line(2, "two"));
        var asked = new List<long>();
        _coordinator.Script.OnStream<WatchRunRequest>("WatchRun", async (request, stream, _) =>
        {
            asked.Add(request.LogAfter);
            await stream.WriteAsync(new WatchRunResponse { Run = RunOf(2, RunState.Running) });
            for (var number = request.LogAfter + 1; number <= 3; number++)
            {
                await stream.WriteAsync(new WatchRunResponse { Log = Line(number, $"second {number}", attempt: 2) });
            }

            await stream.WriteAsync(new WatchRunResponse { Run = RunOf(2, RunState.Succeeded) });
        });

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("logs", "-f", "3f9c2a"));

        Assert.Equal([2, 0], asked);
        Assert.Equal("  one\n  two\n# attempt 2\n  second 1\n  second 2\n  second 3\n", _terminal.Output);
    }

    [Fact]
    public async Task Logs_FollowFinishedRun_DoesNotWatch()
    {
        Kept(1, RunState.Succeeded, Line(1, "one"));

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("logs", "-f", "3f9c2a"));

        Assert.Empty(_coordinator.Script.Requests<WatchRunRequest>("WatchRun"));
    }
}
