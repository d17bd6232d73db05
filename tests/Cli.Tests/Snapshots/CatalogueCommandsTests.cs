using Fleet.Cli.Outcomes;
using Fleet.Cli.Tests.Scripted;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Tests.Snapshots;

/// <summary><c>fleet snapshots</c> and <c>fleet storage</c>.</summary>
public sealed class CatalogueCommandsTests : IAsyncLifetime
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
    public async Task Snapshots_List_SaysWhatIsOddAboutEach()
    {
        _coordinator.Script.On<ListSnapshotsRequest, ListSnapshotsResponse>("ListSnapshots", _ => new ListSnapshotsResponse
        {
            Snapshots =
            {
                new Snapshot
                {
                    Kind = SnapshotKind.Zfs,
                    Name = "tank/data@fleet_nightly_2",
                    HostName = "nas",
                    Policy = "nightly",
                    CreatedAt = Fleets.At("2h"),
                    UsedBytes = 1 << 20,
                    ReferencedBytes = 1L << 30,
                    Copies = 2,
                    Holds = 1,
                },
                new Snapshot
                {
                    Kind = SnapshotKind.Lvm,
                    Name = "vg/home.fleet_adhoc_1",
                    HostName = "web1",
                    CreatedAt = Fleets.At("3h"),
                    ReferencedBytes = 2L << 30,
                    Copies = 1,
                    Holds = 1,
                    Note = "before\u001b[2J upgrade",
                },
                new Snapshot
                {
                    Kind = SnapshotKind.Zfs,
                    Name = "tank/data@fleet_nightly_1",
                    HostName = "nas",
                    Policy = "nightly",
                    CreatedAt = Fleets.At("1d"),
                    GoneAt = Fleets.At("1h"),
                },
                new Snapshot
                {
                    Kind = SnapshotKind.Zfs,
                    Name = "tank/data@fleet_nightly_0",
                    HostName = "nas",
                    Policy = "nightly",
                    CreatedAt = Fleets.At("2d"),
                    GoneAt = Fleets.At("1h"),
                    GoneRunId = "3f9c2a81d0b4e5f60718293a4b5c6d7e",
                },
            },
        });

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("snapshots", "--gone"));

        Assert.Equal("""
            SNAPSHOT                   HOST  POLICY    CREATED     USED  REFERS TO  NOTES
            tank/data@fleet_nightly_2  nas   nightly   2h ago   1.0 MiB    1.0 GiB  held; 2 copies
            vg/home.fleet_adhoc_1      web1  (ad hoc)  3h ago              2.0 GiB  protected; before\x1b[2J upgrade
            tank/data@fleet_nightly_1  nas   nightly   1d ago       0 B        0 B  gone 1h ago, not by a run of Fleet
            tank/data@fleet_nightly_0  nas   nightly   2d ago       0 B        0 B  gone 1h ago, by run 3f9c2a81d0b4

            """, _terminal.Output);
    }

    [Fact]
    public async Task Snapshots_Filters_GoIntoTheRequest()
    {
        _coordinator.Script.On<ListSnapshotsRequest, ListSnapshotsResponse>("ListSnapshots", _ => new ListSnapshotsResponse());

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync(
            "snapshots", "--host", "nas", "--dataset", "tank/data", "--policy", "nightly", "--at", "2026-11-20T08:00Z", "--limit", "7"));

        var request = Assert.Single(_coordinator.Script.Requests<ListSnapshotsRequest>("ListSnapshots"));
        Assert.Equal(
            ("nas", "tank/data", "nightly", 7, false), (request.Host, request.Of, request.Policy, request.PageSize, request.IncludeGone));
        Assert.Equal(Fleets.At("12h"), request.At);
        Assert.Equal("No such snapshots.\n", _terminal.Output);
    }

    [Fact]
    public async Task Storage_Host_ShowsPoolsGroupsAndProblems()
    {
        _coordinator.Script.On<GetStorageRequest, GetStorageResponse>("GetStorage", r => new GetStorageResponse
        {
            HostName = r.Host,
            ReceivedAt = Fleets.At("2m"),
            Stock = new StorageStock
            {
                Pools =
                {
                    new ZfsPoolState
                    {
                        Name = "tank",
                        Health = "degraded",
                        SizeBytes = 4L << 40,
                        FreeBytes = 1L << 40,
                        CapacityPercent = 75,
                        FragmentationPercent = 12,
                        DeviceErrors = 3,
                        DataErrors = 1,
                        Problem = "One or more devices are faulted.",
                        Scans =
                        {
                            new ZfsScanReport
                            {
                                Kind = "scrub",
                                State = "finished",
                                At = Fleets.At("9d"),
                                Errors = 1,
                            },
                        },
                    },
                    new ZfsPoolState { Name = "away", Health = "suspended" },
                },
                Datasets =
                {
                    new ZfsDatasetState
                    {
                        Name = "tank/secret",
                        UsedBytes = 1 << 20,
                        AvailableBytes = 1 << 30,
                        WrittenBytes = 4096,
                        EncryptionRoot = "tank",
                        ReadOnly = true,
                    },
                },
                Groups =
                {
                    new LvmGroupState
                    {
                        Name = "vg",
                        SizeBytes = 1L << 40,
                        FreeBytes = 1L << 38,
                    },
                },
                Volumes =
                {
                    new LvmVolumeState
                    {
                        Name = "vg/thin",
                        SizeBytes = 1L << 39,
                        IsThinPool = true,
                        DataPercent = 91.25,
                        MetadataPercent = 12,
                    },
                    new LvmVolumeState
                    {
                        Name = "vg/home",
                        SizeBytes = 1L << 30,
                        Pool = "thin",
                    },
                },
                Problems = { "the pool is SUSPENDED: its datasets are not listed" },
            },
        });

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("storage", "nas", "--datasets"));

        Assert.Equal("""
            nas, reported 2m ago

            POOL  HEALTH        SIZE     FREE  FULL  FRAGMENTED  ERRORS  SCRUB
            tank  degraded   4.0 TiB  1.0 TiB  75 %        12 %       4  9d ago, 1 errors
            away  suspended                                           0  never

            GROUP     SIZE     FREE  MISSING DISKS
            vg     1.0 TiB  256 GiB              0

            THIN POOL     SIZE    DATA  METADATA  HEALTH
            vg/thin    512 GiB  91.3 %      12 %

            DATASET         USED  AVAILABLE  QUOTA  NEW SINCE SNAPSHOT  NOTES
            tank/secret  1.0 MiB    1.0 GiB                    4.0 KiB  read-only, encrypted, key not loaded

            VOLUME      SIZE  THIN POOL  HEALTH
            vg/home  1.0 GiB  thin

            tank: One or more devices are faulted.

            the pool is SUSPENDED: its datasets are not listed

            """, _terminal.Output);
    }

    [Theory]
    [InlineData("protect", false)]
    [InlineData("unprotect", true)]
    public async Task Protect_Snapshot_IsNamedByGuid(string command, bool release)
    {
        TwoCopies();
        _coordinator.Script.On<StartActionRequest, Run>(
            "StartAction", r => new Run { RunId = new string('1', 32), HostName = r.Host, State = RunState.Queued });

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync(command, "tank/data@one", "--note", "for the audit", "--no-follow"));

        var request = Assert.Single(_coordinator.Script.Requests<StartActionRequest>("StartAction"));
        Assert.Equal(
            ("nas", "for the audit", release, "", 7UL),
            (request.Host,
                request.Note,
                request.Action.ZfsHold.Release,
                request.Action.ZfsHold.Tag,
                Assert.Single(request.Action.ZfsHold.Snapshots).Guid));
    }

    [Theory]
    [InlineData("protect", false)]
    [InlineData("unprotect", true)]
    public async Task Protect_SnapshotOfLvm_IsNamedByUuid(string command, bool release)
    {
        TwoCopies();
        _coordinator.Script.On<StartActionRequest, Run>(
            "StartAction", r => new Run { RunId = new string('1', 32), HostName = r.Host, State = RunState.Queued });

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync(command, "vg/home.fleet_adhoc_1", "--dry-run", "--no-follow"));

        var request = Assert.Single(_coordinator.Script.Requests<StartActionRequest>("StartAction"));
        var expected = new LvmProtectAction
        {
            Snapshots = { new LvmSnapshotRef { Name = "vg/home.fleet_adhoc_1", Uuid = "u-u" } },
            Release = release,
            DryRun = true,
        };
        Assert.Equal(("nas", expected), (request.Host, request.Action.LvmProtect));
    }

    [Fact]
    public async Task Protect_SnapshotsOfBoth_StartsARunForEach()
    {
        TwoCopies();
        _coordinator.Script.On<StartActionRequest, Run>(
            "StartAction", r => new Run { RunId = new string('1', 32), HostName = r.Host, State = RunState.Queued });

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("protect", "vg/home.fleet_adhoc_1", "tank/data@one", "--no-follow"));

        var requests = _coordinator.Script.Requests<StartActionRequest>("StartAction");
        Assert.Equal(
            [Fleet.Protocol.V1.Action.KindOneofCase.ZfsHold, Fleet.Protocol.V1.Action.KindOneofCase.LvmProtect],
            requests.Select(r => r.Action.KindCase));
        Assert.Equal(2, requests.Select(r => r.RequestId).Distinct().Count());
    }

    [Theory]
    [InlineData("tank/data@both", ExitCode.Refused)]
    [InlineData("tank/data@none", ExitCode.NotFound)]
    [InlineData("/backup/fleet_tree_1", ExitCode.NotFound)]
    public async Task Protect_NotOneSnapshot_StartsNothing(string name, int exitCode)
    {
        TwoCopies();

        Assert.Equal(exitCode, await _terminal.RunAsync("protect", name));

        Assert.Empty(_coordinator.Script.Requests<StartActionRequest>("StartAction"));
    }

    private void TwoCopies() =>
        _coordinator.Script.On<ListSnapshotsRequest, ListSnapshotsResponse>("ListSnapshots", _ => new ListSnapshotsResponse
        {
            Snapshots =
        {
            new Snapshot { Kind = SnapshotKind.Zfs, HostName = "nas", Name = "tank/data@one", Identity = "7" },
            new Snapshot { Kind = SnapshotKind.Zfs, HostName = "nas", Name = "tank/data@both", Identity = "8" },
            new Snapshot { Kind = SnapshotKind.Zfs, HostName = "attic", Name = "tank/data@both", Identity = "8" },
            new Snapshot { Kind = SnapshotKind.Lvm, HostName = "nas", Name = "vg/home.fleet_adhoc_1", Identity = "u-u" },
            new Snapshot { Kind = SnapshotKind.Tree, HostName = "nas", Name = "/backup/fleet_tree_1", Identity = "/backup/fleet_tree_1" },
        },
        });
}
