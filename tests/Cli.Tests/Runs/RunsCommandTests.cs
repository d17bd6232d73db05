using Fleet.Cli.Outcomes;
using Fleet.Cli.Tests.Scripted;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Tests.Runs;

public sealed class RunsCommandTests : IAsyncLifetime
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
        _coordinator.Script.On<ListRunsRequest, ListRunsResponse>(
            "ListRuns", _ => new ListRunsResponse { Runs = { Fleets.Running, Fleets.Succeeded, Fleets.Failed } });

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

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync(
            "runs", "--policy", "p", "--host", "h", "--state", "failed", "--state", "timed-out", "--since", "7d", "--limit", "5"));

        var request = Assert.Single(_coordinator.Script.Requests<ListRunsRequest>("ListRuns"));
        Assert.Equal(("p", "h", 5), (request.Policy, request.Host, request.PageSize));
        Assert.Equal([RunState.Failed, RunState.TimedOut], request.States);
        Assert.Equal(Fleets.At("7d"), request.Since);
    }
}
