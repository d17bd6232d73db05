using Fleet.Cli.Outcomes;
using Fleet.Cli.Tests.Scripted;
using Fleet.Protocol.V1;
using Grpc.Core;

namespace Fleet.Cli.Tests.Runs;

public sealed class RunCommandTests : IAsyncLifetime
{
    private readonly Terminal _terminal = new() { Time = Fleets.Clock() };
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

    [Fact]
    public async Task Run_DryRun_EndsWithWhatWouldBeDeleted()
    {
        _coordinator.Script.On<StartRunRequest, StartRunResponse>("StartRun", _ => new StartRunResponse { Runs = { Fleets.Dry } });
        _coordinator.Script.OnStream<WatchRunRequest>(
            "WatchRun", async (_, stream, _) => await stream.WriteAsync(new WatchRunResponse { Run = Fleets.Dry }));

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("run", "nightly-home", "--dry-run"));

        Assert.StartsWith(
            "web1: dry run: succeeded: 2 entries would be written and 25 deleted\n", _terminal.Output, StringComparison.Ordinal);
        Assert.Contains("web1: 25 entries would be deleted\n", _terminal.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_PolicyThatIsNot_SaysWhichWasMeant()
    {
        _coordinator.Script.Fails(
            "StartRun", StatusCode.NotFound, Reason.NotFound, "no policy nigthly-home", "`fleet policies` lists them");
        _coordinator.Script.On<ListPoliciesRequest, ListPoliciesResponse>(
            "ListPolicies", _ => new ListPoliciesResponse { Policies = { Fleets.Nightly } });

        Assert.Equal(ExitCode.NotFound, await _terminal.RunAsync("run", "nigthly-home"));

        Assert.Equal(
            "error: no policy nigthly-home\n  what to do: did you mean nightly-home? `fleet policies` lists them\n", _terminal.Error);
    }

    [Fact]
    public async Task Run_PolicyCalledShow_IsReachable()
    {
        _coordinator.Script.On<StartRunRequest, StartRunResponse>("StartRun", _ => new StartRunResponse());

        await _terminal.RunAsync("run", "--no-follow", "--", "show");

        Assert.Equal("show", Assert.Single(_coordinator.Script.Requests<StartRunRequest>("StartRun")).Policy);
    }

    [Fact]
    public async Task Run_NoFollow_StartsAndPrintsTheIds()
    {
        _coordinator.Script.On<StartRunRequest, StartRunResponse>(
            "StartRun", _ => new StartRunResponse { Runs = { Queued("web1", "11") } });

        Assert.Equal(
            ExitCode.Ok, await _terminal.RunAsync("run", "nightly-home", "--host", "web1", "--host", "web2", "--dry-run", "--no-follow"));

        var request = Assert.Single(_coordinator.Script.Requests<StartRunRequest>("StartRun"));
        Assert.True(request.DryRun);
        Assert.Equal(["web1", "web2"], request.Hosts);
        Assert.True(Guid.TryParse(request.RequestId, out _));
        Assert.Equal("111111111111 queued on web1\n", _terminal.Output);
    }

    [Fact]
    public async Task Run_NoHost_IsAnErrorAndNotASuccess()
    {
        _coordinator.Script.On<StartRunRequest, StartRunResponse>("StartRun", _ => new StartRunResponse());

        Assert.Equal(ExitCode.WrongState, await _terminal.RunAsync("run", "nightly-home"));
    }

    [Theory]
    [InlineData(RunState.Succeeded, ExitCode.Ok)]
    [InlineData(RunState.Failed, ExitCode.NotWell)]
    [InlineData(RunState.Refused, ExitCode.NotWell)]
    [InlineData(RunState.Cancelled, ExitCode.NotWell)]
    [InlineData(RunState.TimedOut, ExitCode.NotWell)]
    [InlineData(RunState.Expired, ExitCode.NotWell)]
    [InlineData(RunState.Interrupted, ExitCode.NotWell)]
    [InlineData(RunState.Skipped, ExitCode.NotWell)]
    public async Task Run_Followed_EndsWithTheOutcomeOfTheWorst(RunState end, int exitCode)
    {
        Script(("web1", "11", RunState.Succeeded), ("web2", "22", end));

        Assert.Equal(exitCode, await _terminal.RunAsync("run", "nightly-home"));
    }

    [Fact]
    public async Task Run_FollowedWithoutTerminal_PrintsALinePerChange()
    {
        Script(("nas", "aa", RunState.Failed));

        Assert.Equal(ExitCode.NotWell, await _terminal.RunAsync("run", "nightly-home"));

        Assert.Equal("""
            nas: queued: host is offline
            nas: running
            nas: failed: 2 files could not be read

            RUN           POLICY        HOST  STATE   SCHEDULED  TOOK  RESULT
            aaaaaaaaaaaa  nightly-home  nas   failed  2h ago     4s    2 files could not be read

            nas: failed: 2 files could not be read

              /home/x\n/y: Permission denied
              /home/\x1b]0;z\x07: Input/output error
              ... and 3 more

              # rsync started
              ! rsync: \x1b[31mPermission denied
              all of it: fleet logs aaaaaaaaaaaa

            """, _terminal.Output);
    }

    [Fact]
    public async Task Run_FollowedOnATerminal_DrawsAProgressBar()
    {
        Script(("web1", "11", RunState.Succeeded));
        _terminal.Time = TimeProvider.System;
        _terminal.IsTerminal = true;
        _terminal.Width = 100;
        _terminal.Variables["TERM"] = "xterm";

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("run", "nightly-home"));

        Assert.Contains("[------------------------]   ? %", _terminal.Output, StringComparison.Ordinal);
        Assert.Contains("succeeded", _terminal.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_Json_IsOneRunPerLine()
    {
        Script(("web1", "11", RunState.Succeeded));

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("run", "nightly-home", "--json"));

        var runs = _terminal.Output.TrimEnd('\n').Split('\n').Select(Run.Parser.ParseJson).ToList();
        Assert.Equal(RunState.Queued, runs[0].State);
        Assert.Equal(RunState.Succeeded, runs[^1].State);
        Assert.All(runs, r => Assert.Equal(new string('1', 32), r.RunId));
    }

    [Fact]
    public async Task Run_StreamLost_GoesOnFollowing()
    {
        _coordinator.Script.On<StartRunRequest, StartRunResponse>(
            "StartRun", _ => new StartRunResponse { Runs = { Queued("web1", "11") } });
        var calls = 0;
        _coordinator.Script.OnStream<WatchRunRequest>("WatchRun", async (_, stream, _) =>
        {
            if (Interlocked.Increment(ref calls) == 1)
            {
                await stream.WriteAsync(new WatchRunResponse { Run = Queued("web1", "11") });
                throw new RpcException(new Grpc.Core.Status(StatusCode.Unavailable, "restarting"));
            }

            await stream.WriteAsync(new WatchRunResponse { Run = End("web1", "11", RunState.Succeeded) });
        });
        _terminal.Time = TimeProvider.System;

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("run", "nightly-home"));

        Assert.Contains("lost the coordinator (restarting); the run continues", _terminal.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_CtrlC_StopsFollowingAndSaysThatTheRunGoesOn()
    {
        _coordinator.Script.On<StartRunRequest, StartRunResponse>(
            "StartRun", _ => new StartRunResponse { Runs = { Queued("web1", "11") } });
        _coordinator.Script.OnStream<WatchRunRequest>("WatchRun", async (_, stream, context) =>
        {
            await stream.WriteAsync(new WatchRunResponse { Run = Queued("web1", "11") });
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
        });
        using var ctrlC = new CancellationTokenSource();
        var run = _terminal.RunAsync(ctrlC.Token, "run", "nightly-home");
        await _terminal.WaitForOutputAsync("web1: queued");
        await ctrlC.CancelAsync();

        Assert.Equal(ExitCode.Cancelled, await run.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal("stopped following; the runs continue. To stop one: fleet cancel 111111111111\n", _terminal.Error);
    }

    [Fact]
    public async Task Run_HundredHosts_AllAreFollowed()
    {
        Script([.. Enumerable.Range(0, 100).Select(i => ($"host{i:d3}", $"{i:x2}", RunState.Succeeded))]);

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("run", "nightly-home"));

        Assert.Equal(100, _coordinator.Script.Requests<WatchRunRequest>("WatchRun").Count());
    }

    private static Run Queued(string host, string id)
    {
        var run = Fleets.Running;
        run.RunId = string.Concat(Enumerable.Repeat(id, 16));
        run.HostName = host;
        run.State = RunState.Queued;
        run.WaitingFor = "host is offline";
        run.Progress = null;
        return run;
    }

    private static Run End(string host, string id, RunState state)
    {
        var run = state == RunState.Succeeded ? Fleets.Succeeded : Fleets.Failed;
        run.RunId = string.Concat(Enumerable.Repeat(id, 16));
        run.HostName = host;
        run.State = state;
        return run;
    }

    /// <summary>Each host's run is queued, runs with progress, and ends as said.</summary>
    private void Script(params (string Host, string Id, RunState End)[] runs)
    {
        _coordinator.Script.On<StartRunRequest, StartRunResponse>(
            "StartRun", _ => new StartRunResponse { Runs = { runs.Select(r => Queued(r.Host, r.Id)) } });
        _coordinator.Script.OnStream<WatchRunRequest>("WatchRun", async (request, stream, _) =>
        {
            var (host, id, end) = runs.Single(r => request.RunId.StartsWith(r.Id, StringComparison.Ordinal));
            var running = Queued(host, id);
            running.State = RunState.Running;
            running.WaitingFor = "";
            await stream.WriteAsync(new WatchRunResponse { Run = Queued(host, id) });
            await stream.WriteAsync(new WatchRunResponse { Run = running });
            await stream.WriteAsync(new WatchRunResponse { Progress = Fleets.Running.Progress });
            await stream.WriteAsync(new WatchRunResponse { Heartbeat = Fleets.At("0s") });
            await stream.WriteAsync(new WatchRunResponse { Run = End(host, id, end) });
        });
    }
}
