using Fleet.Cli.CommandLine;
using Fleet.Cli.Tests.Scripted;
using Fleet.Protocol.V1;
using Grpc.Core;

namespace Fleet.Cli.Tests.Runs;

public sealed class RunCommandsTests : IAsyncLifetime
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
    public async Task Runs_List_ShowsStateAndResult()
    {
        _coordinator.Script.On<ListRunsRequest, ListRunsResponse>("ListRuns", _ => new ListRunsResponse { Runs = { Fleets.Running, Fleets.Succeeded, Fleets.Failed } });

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("runs"));

        Assert.Equal("""
            RUN           POLICY        HOST  STATE      SCHEDULED  TOOK   RESULT
            3f9c2a81d0b4  nightly-home  web1  running    2m ago     1m30s  42 %, 1.0 GiB, 1200 of 5000 files, 12.0 MiB/s, 1m35s left
            3f9c2a81d0b4  nightly-home  web1  succeeded  2h ago     1m35s  done
            a0b1c2d3e4f5  nightly-home  nas   failed     2h ago     4s     2 files could not be read

            """, _terminal.Output);
    }

    [Fact]
    public async Task Runs_DryRun_IsMarked()
    {
        _coordinator.Script.On<ListRunsRequest, ListRunsResponse>("ListRuns", _ => new ListRunsResponse { Runs = { Fleets.Dry } });

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("runs"));

        Assert.Equal("""
            RUN           POLICY        HOST  STATE               SCHEDULED  TOOK  RESULT
            5f9c2a81d0b4  nightly-home  web1  dry run: succeeded  2h ago     3s    2 entries would be written and 25 deleted

            """, _terminal.Output);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Show_DryRun_ListsWhatWouldBeDeletedAndNothingAsDone(bool all)
    {
        _coordinator.Script.On<GetRunRequest, Run>("GetRun", _ => Fleets.Dry);

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync(["run", "show", "5f9c2a81d0b4", .. all ? new[] { "--all" } : []]));

        Assert.Contains("state       dry run: succeeded\n", _terminal.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("transferred", _terminal.Output, StringComparison.Ordinal);
        Assert.Contains("\nweb1: 25 entries would be deleted\n  gone/\\xff00\n", _terminal.Output, StringComparison.Ordinal);
        Assert.Equal(all ? 25 : 20, _terminal.Output.Split('\n').Count(l => l.StartsWith("  gone/", StringComparison.Ordinal)));
        Assert.Equal(!all, _terminal.Output.Contains("  ... and 5 more: fleet run show 5f9c2a81d0b4 --all\n", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Show_RunThatAsks_PrintsTheCommandThatGoesOn()
    {
        var asks = Fleets.Dry;
        asks.Action.Rsync.DryRun = false;
        asks.State = RunState.Failed;
        asks.Result.RsyncPlan.Confirmation = "3f9c2a81d0b45e77";
        _coordinator.Script.On<GetRunRequest, Run>("GetRun", _ => asks);

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("run", "show", "5f9c2a81d0b4"));

        Assert.Contains(
            "\nNothing was changed on web1. To do exactly this: fleet run nightly-home --host web1 --confirm 3f9c2a81d0b45e77\n", _terminal.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_DryRun_EndsWithWhatWouldBeDeleted()
    {
        _coordinator.Script.On<StartRunRequest, StartRunResponse>("StartRun", _ => new StartRunResponse { Runs = { Fleets.Dry } });
        _coordinator.Script.OnStream<WatchRunRequest>("WatchRun", async (_, stream, _) => await stream.WriteAsync(new WatchRunResponse { Run = Fleets.Dry }));

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("run", "nightly-home", "--dry-run"));

        Assert.StartsWith("web1: dry run: succeeded: 2 entries would be written and 25 deleted\n", _terminal.Output, StringComparison.Ordinal);
        Assert.Contains("web1: 25 entries would be deleted\n", _terminal.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("3f9c2a81d0b5", "did you mean 3f9c2a81d0b4? `fleet runs` lists them")]
    [InlineData("nightly-home", "nightly-home is a policy; its runs: fleet runs --policy nightly-home. `fleet runs` lists them")]
    [InlineData("last", "a run is named by its id or the first 6 or more of its digits. `fleet runs` lists them")]
    public async Task Show_NoSuchRun_SaysWhichWasMeant(string id, string whatToDo)
    {
        _coordinator.Script.Fails("GetRun", StatusCode.NotFound, Reason.NotFound, $"no run {id}", "`fleet runs` lists them");
        _coordinator.Script
            .On<ListRunsRequest, ListRunsResponse>("ListRuns", _ => new ListRunsResponse { Runs = { Fleets.Succeeded } })
            .On<ListPoliciesRequest, ListPoliciesResponse>("ListPolicies", _ => new ListPoliciesResponse { Policies = { Fleets.Nightly } });

        Assert.Equal(ExitCode.NotFound, await _terminal.RunAsync("run", "show", id));

        Assert.Equal($"error: no run {id}\n  what to do: {whatToDo}\n", _terminal.Error);
    }

    [Fact]
    public async Task Run_PolicyThatIsNot_SaysWhichWasMeant()
    {
        _coordinator.Script.Fails("StartRun", StatusCode.NotFound, Reason.NotFound, "no policy nigthly-home", "`fleet policies` lists them");
        _coordinator.Script.On<ListPoliciesRequest, ListPoliciesResponse>("ListPolicies", _ => new ListPoliciesResponse { Policies = { Fleets.Nightly } });

        Assert.Equal(ExitCode.NotFound, await _terminal.RunAsync("run", "nigthly-home"));

        Assert.Equal("error: no policy nigthly-home\n  what to do: did you mean nightly-home? `fleet policies` lists them\n", _terminal.Error);
    }

    [Fact]
    public async Task Runs_OfAPolicyThatIsNot_SaysWhichWasMeant()
    {
        _coordinator.Script
            .On<ListRunsRequest, ListRunsResponse>("ListRuns", _ => new ListRunsResponse())
            .On<ListPoliciesRequest, ListPoliciesResponse>("ListPolicies", _ => new ListPoliciesResponse { Policies = { Fleets.Nightly } });

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("runs", "--policy", "nigthly-home"));

        Assert.Equal(("No such runs.\n", "nigthly-home: did you mean nightly-home?\n"), (_terminal.Output, _terminal.Error));
    }

    [Fact]
    public async Task Runs_Filters_GoIntoTheRequest()
    {
        _coordinator.Script.On<ListRunsRequest, ListRunsResponse>("ListRuns", _ => new ListRunsResponse());

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("runs", "--policy", "p", "--host", "h", "--state", "failed", "--state", "timed-out", "--since", "7d", "--limit", "5"));

        var request = Assert.Single(_coordinator.Script.Requests<ListRunsRequest>("ListRuns"));
        Assert.Equal(("p", "h", 5), (request.Policy, request.Host, request.PageSize));
        Assert.Equal([RunState.Failed, RunState.TimedOut], request.States);
        Assert.Equal(Fleets.At("7d"), request.Since);
    }

    [Theory]
    [InlineData("run")]
    [InlineData("runs")]
    public async Task Show_FailedRun_TellsWhyWithoutLettingItsOutputAct(string command)
    {
        _coordinator.Script.On<GetRunRequest, Run>("GetRun", _ => Fleets.Failed);

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync(command, "show", "a0b1c2"));

        Assert.Equal("a0b1c2", Assert.Single(_coordinator.Script.Requests<GetRunRequest>("GetRun")).RunId);
        Assert.Equal("""
            run         a0b1c2d3e4f5061728394a5b6c7d8e9f
            policy      nightly-home (revision 4)
            host        nas
            state       failed
            result      2 files could not be read
            what        rsync mirror: /home -> /backup/\xff
            started by  schedule
            scheduled   2026-11-20 18:00:00 (2h ago)
            started     2026-11-20 18:00:00 (2h ago)
            finished    2026-11-20 18:01:35 (1h58m ago)
            took        4s
            attempt     1
            exit code   23

              /home/x\n/y: Permission denied
              /home/\x1b]0;z\x07: Input/output error
              ... and 3 more

              # rsync started
              ! rsync: \x1b[31mPermission denied

            """, _terminal.Output);
    }

    [Fact]
    public async Task Show_FailedTransfer_NamesWhatFailedOnceAndNoStatistics()
    {
        var run = Fleets.Failed;
        run.Result.Rsync = new RsyncStatistics { Files = 3 };
        run.Result.LogTail.Clear();
        run.Result.LogTail.Add(new LogLine { Number = 1, Stream = LogStream.Stderr, Text = run.Result.Details[0] });
        run.Result.LogTail.Add(new LogLine { Number = 2, Stream = LogStream.Stdout, Text = "Number of files: 3 (reg: 3)" });
        run.Result.LogTail.Add(new LogLine { Number = 3, Stream = LogStream.Stdout, Text = "Total file size: 1,234 bytes" });
        run.Result.LogTail.Add(new LogLine { Number = 4, Stream = LogStream.Stderr, Text = "rsync error: some files could not be transferred (code 23)" });
        _coordinator.Script.On<GetRunRequest, Run>("GetRun", _ => run);

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("run", "show", "a0b1c2"));

        Assert.EndsWith("""

              /home/x\n/y: Permission denied
              /home/\x1b]0;z\x07: Input/output error
              ... and 3 more

              ! rsync error: some files could not be transferred (code 23)

            """, _terminal.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_FailedCommand_ThatSaysItOnStdout_IsShown()
    {
        var run = Fleets.Failed;
        run.Result.Details.Clear();
        run.Result.DetailsTotal = 0;
        run.Result.LogTail.Clear();
        run.Result.LogTail.Add(new LogLine { Number = 1, Stream = LogStream.Stdout, Text = "no such database" });
        _coordinator.Script.On<GetRunRequest, Run>("GetRun", _ => run);

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("run", "show", "a0b1c2"));

        Assert.Contains("no such database", _terminal.Output, StringComparison.Ordinal);
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
        _coordinator.Script.On<StartRunRequest, StartRunResponse>("StartRun", _ => new StartRunResponse { Runs = { Queued("web1", "11") } });

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("run", "nightly-home", "--host", "web1", "--host", "web2", "--dry-run", "--no-follow"));

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
        _coordinator.Script.On<StartRunRequest, StartRunResponse>("StartRun", _ => new StartRunResponse { Runs = { Queued("web1", "11") } });
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

        Assert.Contains("lost the coordinator (restarting); the run goes on", _terminal.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_CtrlC_StopsFollowingAndSaysThatTheRunGoesOn()
    {
        _coordinator.Script.On<StartRunRequest, StartRunResponse>("StartRun", _ => new StartRunResponse { Runs = { Queued("web1", "11") } });
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
        Assert.Equal("stopped following; the runs go on. To stop one: fleet cancel 111111111111\n", _terminal.Error);
    }

    [Fact]
    public async Task Run_HundredHosts_AllAreFollowed()
    {
        Script([.. Enumerable.Range(0, 100).Select(i => ($"host{i:d3}", $"{i:x2}", RunState.Succeeded))]);

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("run", "nightly-home"));

        Assert.Equal(100, _coordinator.Script.Requests<WatchRunRequest>("WatchRun").Count());
    }

    [Theory]
    [InlineData(RunState.Cancelled, "a0b1c2d3e4f5 on nas is cancelled.\n")]
    [InlineData(RunState.Running, "a0b1c2d3e4f5 on nas was told to stop; it is still running.\n")]
    public async Task Cancel_Run_SaysHowFarItIs(RunState state, string output)
    {
        var run = Fleets.Failed;
        run.State = state;
        _coordinator.Script.On<CancelRunRequest, CancelRunResponse>("CancelRun", _ => new CancelRunResponse { Run = run });

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("cancel", "a0b1c2", "--reason", "wrong disk"));

        Assert.Equal(new CancelRunRequest { RunId = "a0b1c2", Reason = "wrong disk" }, Assert.Single(_coordinator.Script.Requests<CancelRunRequest>("CancelRun")));
        Assert.Equal(output, _terminal.Output);
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
        _coordinator.Script.On<StartRunRequest, StartRunResponse>("StartRun", _ => new StartRunResponse { Runs = { runs.Select(r => Queued(r.Host, r.Id)) } });
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
