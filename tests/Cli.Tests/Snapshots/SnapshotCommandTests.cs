using Fleet.Cli.Outcomes;
using Fleet.Cli.Tests.Scripted;
using Fleet.Protocol.V1;
using Grpc.Core;

namespace Fleet.Cli.Tests.Snapshots;

public sealed class SnapshotCommandTests : IAsyncLifetime
{
    private readonly Terminal _terminal = new() { Time = Fleets.Clock() };
    private ScriptedCoordinator _coordinator = null!;

    public async ValueTask InitializeAsync()
    {
        _coordinator = await ScriptedCoordinator.StartAsync();
        _terminal.With(_coordinator);
        _coordinator.Script
            .On<StartActionRequest, Run>(
                "StartAction",
                r => new Run { RunId = new string('1', 32), HostName = r.Host, State = RunState.Queued, Action = r.Action, Note = r.Note });
    }

    public async ValueTask DisposeAsync()
    {
        await _coordinator.DisposeAsync();
        _terminal.Dispose();
    }

    [Fact]
    public async Task Snapshot_Datasets_AreAskedForWithTheNote()
    {
        Assert.Equal(
            ExitCode.Ok,
            await _terminal.RunAsync(
                "snapshot",
                "tank/data",
                "tank/vm",
                "--host",
                "nas",
                "--recursive",
                "--note",
                "before the upgrade",
                "--dry-run",
                "--no-follow"));

        var request = Assert.Single(_coordinator.Script.Requests<StartActionRequest>("StartAction"));
        Assert.Equal(("nas", "before the upgrade"), (request.Host, request.Note));
        Assert.Equal(["tank/data", "tank/vm"], request.Action.ZfsSnapshot.Datasets);
        Assert.Equal(
            (true, true, ""), (request.Action.ZfsSnapshot.Recursive, request.Action.ZfsSnapshot.DryRun, request.Action.ZfsSnapshot.Note));
        Assert.True(Guid.TryParse(request.RequestId, out _));
        Assert.Equal("111111111111 dry run: queued on nas\n", _terminal.Output);
    }

    [Fact]
    public async Task Snapshot_OneHostThatHasToldNothing_IsAskedItself()
    {
        _coordinator.Script
            .On<ListHostsRequest, ListHostsResponse>("ListHosts", _ => new ListHostsResponse { Hosts = { Fleets.Nas } })
            .Fails("GetStorage", StatusCode.NotFound, Reason.NotFound, "nas has not told yet");

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("snapshot", "vg/home", "--lvm", "--size", "2GiB", "--no-follow"));

        var request = Assert.Single(_coordinator.Script.Requests<StartActionRequest>("StartAction"));
        Assert.Equal(("nas", 2L << 30), (request.Host, request.Action.LvmSnapshot.ClassicSizeBytes));
        Assert.Equal(["vg/home"], request.Action.LvmSnapshot.Volumes);
    }

    [Theory]
    [InlineData("vg/home", "web1", true)]
    [InlineData("tank/data", "nas", false)]
    public async Task Snapshot_OnlyOneHasIt_IsFound(string name, string host, bool isLvm)
    {
        TwoHosts();

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("snapshot", name, "--no-follow"));

        var request = Assert.Single(_coordinator.Script.Requests<StartActionRequest>("StartAction"));
        Assert.Equal((host, isLvm), (request.Host, request.Action.LvmSnapshot is not null));
    }

    [Theory]
    [InlineData("both/data", ExitCode.Refused, "both/data is in more than one place: nas (ZFS), web1 (ZFS), web1 (LVM)")]
    [InlineData("no/such", ExitCode.NotFound, "no host has reported no/such")]
    public async Task Snapshot_NoneOrSeveralHaveIt_NothingIsStarted(string name, int exitCode, string message)
    {
        TwoHosts();

        Assert.Equal(exitCode, await _terminal.RunAsync("snapshot", name, "--no-follow"));

        Assert.Contains(message, _terminal.Error, StringComparison.Ordinal);
        Assert.Empty(_coordinator.Script.Requests<StartActionRequest>("StartAction"));
    }

    [Theory]
    [InlineData("snapshot", "tank/data", "--zfs", "--size", "1GiB")]
    [InlineData("snapshot", "vg/home", "--lvm", "--recursive")]
    [InlineData("snapshot", "vg/home", "--lvm", "--size", "much")]
    [InlineData("snapshot")]
    public async Task Snapshot_OptionsThatDoNotFit_AreRefused(params string[] arguments)
    {
        Assert.Equal(ExitCode.Refused, await _terminal.RunAsync(arguments));

        Assert.Empty(_coordinator.Script.Calls);
    }

    private void TwoHosts() => _coordinator.Script
        .On<ListHostsRequest, ListHostsResponse>("ListHosts", _ => new ListHostsResponse { Hosts = { Fleets.Nas, Fleets.Web1 } })
        .On<GetStorageRequest, GetStorageResponse>("GetStorage", r => new GetStorageResponse
        {
            Stock = r.Host == "nas"
                ? new StorageStock { Datasets = { new ZfsDatasetState { Name = "tank/data" }, new ZfsDatasetState { Name = "both/data" } } }
                : new StorageStock
                {
                    Datasets = { new ZfsDatasetState { Name = "both/data" } },
                    Volumes = { new LvmVolumeState { Name = "vg/home" }, new LvmVolumeState { Name = "both/data" } },
                },
        });
}
