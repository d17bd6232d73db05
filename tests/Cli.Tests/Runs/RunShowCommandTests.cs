using Fleet.Cli.Outcomes;
using Fleet.Cli.Tests.Scripted;
using Fleet.Protocol.V1;
using Grpc.Core;

namespace Fleet.Cli.Tests.Runs;

public sealed class RunShowCommandTests : IAsyncLifetime
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
            "\nNothing was changed on web1. To do exactly this: fleet run nightly-home --host web1 --confirm 3f9c2a81d0b45e77\n",
            _terminal.Output,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("logs nightly-home")]
    [InlineData("cancel nightly-home")]
    [InlineData("run show nightly-home")]
    public async Task Run_ThatIsAPolicy_IsToldThoughTheIdWasRefused(string line)
    {
        foreach (var method in (string[])["GetRun", "CancelRun"])
        {
            _coordinator.Script.Fails(
                method, StatusCode.InvalidArgument, Reason.InvalidArgument, "run_id: must be 32 lower-case hex digits", "");
        }

        _coordinator.Script.On<ListPoliciesRequest, ListPoliciesResponse>(
            "ListPolicies", _ => new ListPoliciesResponse { Policies = { Fleets.Nightly } });

        Assert.Equal(ExitCode.Refused, await _terminal.RunAsync(line.Split(' ')));

        Assert.Equal(
            "error: there is no run nightly-home\n  what to do: nightly-home is a policy; its runs: fleet runs --policy nightly-home.\n",
            _terminal.Error);
    }

    [Theory]
    [InlineData("3f9c2a81d0b5", "no run 3f9c2a81d0b5", "did you mean 3f9c2a81d0b4? `fleet runs` lists them")]
    [InlineData(
        "nightly-home",
        "there is no run nightly-home",
        "nightly-home is a policy; its runs: fleet runs --policy nightly-home. `fleet runs` lists them"
    )]
    [InlineData("last", "there is no run last", "a run is named by its id or the first 6 or more of its digits. `fleet runs` lists them")]
    public async Task Show_NoSuchRun_SaysWhichWasMeant(string id, string error, string whatToDo)
    {
        _coordinator.Script.Fails("GetRun", StatusCode.NotFound, Reason.NotFound, $"no run {id}", "`fleet runs` lists them");
        _coordinator.Script
            .On<ListRunsRequest, ListRunsResponse>("ListRuns", _ => new ListRunsResponse { Runs = { Fleets.Succeeded } })
            .On<ListPoliciesRequest, ListPoliciesResponse>("ListPolicies", _ => new ListPoliciesResponse { Policies = { Fleets.Nightly } });

        Assert.Equal(ExitCode.NotFound, await _terminal.RunAsync("run", "show", id));

        Assert.Equal($"error: {error}\n  what to do: {whatToDo}\n", _terminal.Error);
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
        run.Result.LogTail.Add(
            new LogLine { Number = 4, Stream = LogStream.Stderr, Text = "rsync error: some files could not be transferred (code 23)" });
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
}
