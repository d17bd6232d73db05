using Fleet.Cli.Outcomes;
using Fleet.Cli.Tests.CommandLine;
using Fleet.Cli.Tests.Scripted;
using Fleet.Protocol.V1;
using Grpc.Core;

namespace Fleet.Cli.Tests.Naming;

/// <summary>What the coordinator knows, beside what was typed.</summary>
public sealed class NearNamesTests : IAsyncLifetime
{
    private readonly Terminal _terminal = new();
    private ScriptedCoordinator _coordinator = null!;

    public static TheoryData<string> Commands => UsageTests.Commands;

    public async ValueTask InitializeAsync()
    {
        _coordinator = await ScriptedCoordinator.StartAsync();
        _coordinator.Script
            .On<ListPoliciesRequest, ListPoliciesResponse>("ListPolicies", _ => new ListPoliciesResponse { Policies = { Fleets.Nightly } })
            .On<ListHostsRequest, ListHostsResponse>("ListHosts", _ => new ListHostsResponse { Hosts = { Fleets.Web1, Fleets.Nas } })
            .On<ListRunsRequest, ListRunsResponse>("ListRuns", _ => new ListRunsResponse())
            .On<ListSnapshotsRequest, ListSnapshotsResponse>("ListSnapshots", _ => new ListSnapshotsResponse())
            .OnStream<SubscribeRequest>("Subscribe", (_, _, _) => Task.CompletedTask);
        _terminal.With(_coordinator);
    }

    public async ValueTask DisposeAsync()
    {
        await _coordinator.DisposeAsync();
        _terminal.Dispose();
    }

    /// <summary>A fleet of a thousand hosts would stand in the help, and help must not wait for a coordinator.</summary>
    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Help_OfAnyCommand_AsksTheCoordinatorNothing(string command)
    {
        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync([.. command.Split(' '), "--help"]));

        Assert.Empty(_coordinator.Script.Calls);
    }

    [Theory]
    [InlineData("host nightly-home", "GetHost", "nightly-home is a policy: fleet policy nightly-home.")]
    [InlineData("host nassau", "GetHost", "")]
    [InlineData("policy web1", "GetPolicy", "web1 is a host: fleet host web1 shows its policies.")]
    [InlineData("run web1", "StartRun", "web1 is a host: fleet host web1 shows its policies.")]
    [InlineData("run nightly-home --host nasq", "StartRun", "did you mean nas?")]
    public async Task NameThatIsNot_IsExplainedByWhatThereIs(string line, string method, string meant)
    {
        _coordinator.Script.Fails(method, StatusCode.NotFound, Reason.NotFound, "there is none", "");

        Assert.Equal(ExitCode.NotFound, await _terminal.RunAsync(line.Split(' ')));

        Assert.Equal($"error: there is none\n{(meant.Length > 0 ? $"  what to do: {meant}\n" : "")}", _terminal.Error);
    }

    [Theory]
    [InlineData("runs --policy nigthly-home", "nigthly-home: did you mean nightly-home?")]
    [InlineData("snapshots --policy nigthly-home", "nigthly-home: did you mean nightly-home?")]
    [InlineData("events --after 0 --host wbe1", "wbe1: did you mean web1?")]
    [InlineData(
        "events --after 0 --policy nightly-home --host nightly-home", "nightly-home: nightly-home is a policy: fleet policy nightly-home.")]
    public async Task ListThatIsEmpty_SaysWhichNameWasMeant(string line, string note)
    {
        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync(line.Split(' ')));

        Assert.EndsWith($"{note}\n", _terminal.Error, StringComparison.Ordinal);
    }
}
