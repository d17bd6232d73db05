using Fleet.Cli.Outcomes;
using Fleet.Cli.Tests.Scripted;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Cli.Tests.Retention;

public sealed class ExplainCommandTests : IAsyncLifetime
{
    private const string Id = "111111111111111111111111111111ff";
    private readonly Terminal _terminal = new() { Time = Fleets.Clock() };
    private ScriptedCoordinator _coordinator = null!;

    public async ValueTask InitializeAsync()
    {
        _coordinator = await ScriptedCoordinator.StartAsync();
        _terminal.With(_coordinator);
        _coordinator.Script.On<GetPolicyRequest, Policy>(
            "GetPolicy",
            _ => new Policy { Spec = new PolicySpec { Name = "thin-data", Action = new() { ZfsPrune = new ZfsPruneAction() } } });
    }

    public async ValueTask DisposeAsync()
    {
        await _coordinator.DisposeAsync();
        _terminal.Dispose();
    }

    [Fact]
    public async Task Explain_Plan_ShowsEachSnapshotAndWhy()
    {
        Ends(new ActionResult
        {
            Message = "dry run: 1 of 3 snapshot(s) would be destroyed",
            ZfsPrune = new ZfsPruneResult
            {
                PlannedTotal = 3,
                Confirmation = "3f9c2a81d0b45e77",
                Decisions = { Decision("tank/data@b", destroy: false, "last 1 of 1"), Decision("tank/data@\x1b[31ma", destroy: true, "unkept: no rule keeps it") },
            },
        });

        Assert.Equal(
            ExitCode.Ok, await _terminal.RunAsync("retention", "explain", "thin-data", "--host", "nas", "--at", "2026-12-31T23:00Z"));

        var request = Assert.Single(_coordinator.Script.Requests<StartRunRequest>("StartRun"));
        Assert.Equal(
            (true, "nas", "2026-12-31T23:00:00Z"),
            (request.DryRun, Assert.Single(request.Hosts), request.AssumedNow.ToDateTimeOffset().ToString("yyyy-MM-ddTHH:mm:ssZ", null)));
        Assert.Equal("""
            nas: dry run: 1 of 3 snapshot(s) would be destroyed
                     SNAPSHOT             MADE                  BECAUSE
            keep     tank/data@b          2026-11-20T20:00:00Z  last 1 of 1
            destroy  tank/data@\x1b[31ma  2026-11-20T20:00:00Z  unkept: no rule keeps it
            ... and 1 more

            Nothing was changed on nas. To do exactly this: fleet run thin-data --host nas --confirm 3f9c2a81d0b45e77


            """, _terminal.Output);
    }

    [Fact]
    public async Task Explain_PolicyThatPrunesNothing_IsRefusedAndStartsNothing()
    {
        _coordinator.Script.On<GetPolicyRequest, Policy>("GetPolicy", _ => Fleets.Nightly);

        Assert.Equal(ExitCode.Refused, await _terminal.RunAsync("retention", "explain", "nightly-home"));

        Assert.Empty(_coordinator.Script.Requests<StartRunRequest>("StartRun"));
        Assert.Contains("zfs_prune", _terminal.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_PolicyWithoutHosts_IsAnErrorAndNotASuccess()
    {
        _coordinator.Script.On<StartRunRequest, StartRunResponse>("StartRun", _ => new StartRunResponse());

        Assert.Equal(ExitCode.WrongState, await _terminal.RunAsync("retention", "explain", "thin-data"));
    }

    [Fact]
    public async Task Explain_HostThatCannot_SaysWhy()
    {
        Ends(new ActionResult { Message = "zfs is not installed on this host, or is not executable" }, RunState.Failed);

        Assert.Equal(ExitCode.NotWell, await _terminal.RunAsync("retention", "explain", "thin-data"));

        Assert.Equal("nas: zfs is not installed on this host, or is not executable\n", _terminal.Output);
    }

    private static RetentionDecision Decision(string name, bool destroy, string reason) => new()
    {
        Name = name,
        Destroy = destroy,
        CreatedAt = Timestamp.FromDateTimeOffset(new DateTimeOffset(2026, 11, 20, 20, 0, 0, TimeSpan.Zero)),
        Reasons = { new RetentionReason { Policy = "thin-data", Text = reason } },
    };

    private void Ends(ActionResult result, RunState state = RunState.Succeeded)
    {
        var run = new Run { RunId = Id, Policy = "thin-data", HostName = "nas", State = state, Result = result };
        _coordinator.Script.On<StartRunRequest, StartRunResponse>("StartRun", _ => new StartRunResponse { Runs = { run } });
        _coordinator.Script.OnStream<WatchRunRequest>(
            "WatchRun", async (_, stream, _) => await stream.WriteAsync(new WatchRunResponse { Run = run }));
        _coordinator.Script.On<GetRunRequest, Run>("GetRun", _ => run);
    }
}
