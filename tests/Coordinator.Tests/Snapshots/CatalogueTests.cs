using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Google.Protobuf;

namespace Fleet.Coordinator.Tests.Snapshots;

/// <summary>The catalogue, fed by the results of runs and by what hosts report, over the real stream and store.</summary>
public sealed class CatalogueTests : IAsyncLifetime
{
    private TestCoordinator _coordinator = null!;
    private ScriptedAgent _agent = null!;
    private ScriptedSession _session = null!;
    private long _generation;

    public async ValueTask InitializeAsync()
    {
        _coordinator = await TestCoordinator.StartAsync();
        _agent = await _coordinator.EnrolAsync("nas");
        _session = await _agent.OpenAsync();
        await _coordinator.ApplyAsync(
            TestPolicies.New("nightly", spec =>
                spec.Action = new Protocol.V1.Action { ZfsSnapshot = new ZfsSnapshotAction { Datasets = { "tank/data" } } }),
            TestPolicies.New("thin", spec => spec.Action = new Protocol.V1.Action
            {
                ZfsPrune = new ZfsPruneAction
                {
                    Datasets = { "tank/data" },
                    SnapshotsOf = "nightly",
                    Retention = new Retention { Keep = new KeepRules { Last = 1 } },
                },
            }));
    }

    public async ValueTask DisposeAsync()
    {
        await _session.DisposeAsync();
        await _coordinator.DisposeAsync();
    }

    [Fact]
    public async Task Run_MadeSnapshots_AreKnownAtOnceAndToldOnce()
    {
        var run = await RunAsync(
            "nightly",
            new ActionResult
            {
                ZfsSnapshot = new ZfsSnapshotResult
                {
                    SnapshotsTotal = 2,
                    Snapshots = { Reports.Info("tank/data", 1), Reports.Info("tank/data/db", 1) },
                },
            });

        var snapshots = await ListAsync();
        Assert.Equal(
            ["tank/data/db@fleet_nightly_1", "tank/data@fleet_nightly_1"],
            snapshots.Select(s => s.Name).Order(StringComparer.Ordinal));
        var one = snapshots.Single(s => s.Of == "tank/data");
        Assert.Equal(
            (SnapshotKind.Zfs, "nas", "1", "nightly", run.RunId, 1001L, _agent.HostId),
            (one.Kind, one.HostName, one.Identity, one.Policy, one.RunId, one.ReferencedBytes, one.MadeOn));
        Assert.Equal((null, 2), (one.GoneAt, one.Copies));
        var told = Assert.Single(await _coordinator.AllEventsAsync(0, "snapshot.*"));
        Assert.Equal(
            ("snapshot.created", run.RunId, "2", "tank/data@fleet_nightly_1\ntank/data/db@fleet_nightly_1"),
            (told.Type, told.RunId, told.Attributes["count"], told.Attributes["names"]));
    }

    [Fact]
    public async Task Report_UnknownSnapshots_AreAddedInSilence()
    {
        await ReportAsync(Reports.Zfs("tank/data", Reports.Snapshot(1), Reports.Snapshot(2)), Reports.Lvm("vg", Volume("home", "uuid-1")));

        Assert.Equal(
            [
                (SnapshotKind.Zfs, "tank/data", "tank/data@fleet_nightly_2"),
                (SnapshotKind.Zfs, "tank/data", "tank/data@fleet_nightly_1"),
                (SnapshotKind.Lvm, "vg/home", "vg/home.fleet_nightly_1"),
            ],
            (await ListAsync()).Select(s => (s.Kind, s.Of, s.Name)));
        Assert.Empty(await _coordinator.AllEventsAsync(0, "snapshot.*"));
    }

    [Fact]
    public async Task Report_SnapshotsDestroyedByHand_AreOneEvent()
    {
        await ReportAsync(
            Reports.Zfs("tank/data", Reports.Snapshot(1), Reports.Snapshot(2), Reports.Snapshot(3)),
            Reports.Zfs("tank/vm", Reports.Snapshot(4)));

        await ReportAsync(Reports.Zfs("tank/data", Reports.Snapshot(2)), Reports.Zfs("tank/vm"));
        await ReportAsync(Reports.Zfs("tank/data", Reports.Snapshot(2)), Reports.Zfs("tank/vm"));

        var told = Assert.Single(await _coordinator.AllEventsAsync(0, "snapshot.*"));
        Assert.Equal(
            ("snapshot.vanished", EventSeverity.Warning, "nas", "3", "nightly"),
            (told.Type, told.Severity, told.HostName, told.Attributes["count"], told.Policy));
        Assert.Equal("2", Assert.Single(await ListAsync()).Identity);
        var gone = (await ListAsync(r => r.IncludeGone = true)).Where(s => s.GoneAt is not null).ToList();
        Assert.Equal(["4", "3", "1"], gone.Select(s => s.Identity));
        Assert.All(gone, s => Assert.Equal("", s.GoneRunId));
    }

    [Fact]
    public async Task Report_ThousandsDestroyedByHand_AreSettledInPieces()
    {
        await ReportAsync(Reports.Zfs("tank/data", [.. Enumerable.Range(1, 4_500).Select(i => Reports.Snapshot(i))]));

        await ReportAsync(Reports.Zfs("tank/data", Reports.Snapshot(4_500)));

        // 2,000 at most in one transaction, and what was settled is told in it.
        var told = await _coordinator.AllEventsAsync(0, "snapshot.vanished");
        Assert.Equal(["2000", "2000", "499"], told.Select(fact => fact.Attributes["count"]));
        Assert.Equal("4500", Assert.Single(await ListAsync()).Identity);
    }

    [Fact]
    public async Task Run_PrunedThem_TheyAreGoneByItAndNothingVanished()
    {
        await ReportAsync(Reports.Zfs("tank/data", Reports.Snapshot(1), Reports.Snapshot(2)));

        var run = await RunAsync(
            "thin",
            new ActionResult
            {
                ZfsPrune = new ZfsPruneResult { DestroyedTotal = 1, Destroyed = { Reports.Info("tank/data", 1) } },
            });
        await ReportAsync(Reports.Zfs("tank/data", Reports.Snapshot(2)));

        Assert.Equal("2", Assert.Single(await ListAsync()).Identity);
        Assert.Equal(run.RunId, (await ListAsync(r => r.IncludeGone = true)).Single(s => s.Identity == "1").GoneRunId);
        Assert.Equal(["snapshot.destroyed"], (await _coordinator.AllEventsAsync(0, "snapshot.*")).Select(e => e.Type));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_MergedOne_ItIsGoneByItAndTheStateBeforeIsKnown(bool pending)
    {
        await ReportAsync(Reports.Lvm("vg", Volume("home", "uuid-1")));
        var started = await _coordinator.Fleet.StartActionAsync(new StartActionRequest
        {
            Host = "nas",
            RequestId = Guid.NewGuid().ToString(),
            Action = new Protocol.V1.Action { LvmRestore = new LvmRestoreAction { Snapshot = "vg/home.fleet_nightly_1", Uuid = "uuid-1" } },
        });
        var command = await _session.CommandAsync();
        await _session.StartAsync(command);
        await FinishAsync(command, new ActionResult
        {
            Outcome = pending ? ActionOutcome.SucceededWithWarnings : ActionOutcome.Succeeded,
            LvmRestore = new LvmRestoreResult
            {
                Volume = "vg/home",
                Pending = pending,
                Snapshot = new LvmSnapshotInfo { Name = "vg/home.fleet_nightly_1", Uuid = "uuid-1" },
                Safety = new LvmSnapshotInfo { Name = "vg/home.fleet_adhoc_2", Uuid = "uuid-2" },
            },
        });
        await _coordinator.RunAsync(started.RunId, RunState.Succeeded);
        Assert.Equal(
            pending ? ["uuid-1", "uuid-2"] : ["uuid-2"],
            (await ListAsync()).Select(s => s.Identity).Order(StringComparer.Ordinal));

        await ReportAsync(Reports.Lvm("vg", Volume("home", "uuid-2")));

        Assert.Equal(started.RunId, (await ListAsync(r => r.IncludeGone = true)).Single(s => s.Identity == "uuid-1").GoneRunId);
        Assert.DoesNotContain(await _coordinator.AllEventsAsync(0, "snapshot.*"), e => e.Type == "snapshot.vanished");
    }

    [Fact]
    public async Task Report_WhileAPruningRuns_BlamesNobodyBeforeItsResult()
    {
        await ReportAsync(Reports.Zfs("tank/data", Reports.Snapshot(1), Reports.Snapshot(2), Reports.Snapshot(3)));
        var run = await _coordinator.StartAsync("thin");
        var command = await _session.CommandAsync();
        await _session.StartAsync(command);

        await ReportAsync(Reports.Zfs("tank/data", Reports.Snapshot(3)));

        Assert.Empty(await _coordinator.AllEventsAsync(0, "snapshot.*"));
        await FinishAsync(
            command,
            new ActionResult
            {
                ZfsPrune = new ZfsPruneResult { DestroyedTotal = 1, Destroyed = { Reports.Info("tank/data", 1) } },
            });
        await ReportAsync(Reports.Zfs("tank/data", Reports.Snapshot(3)));
        var gone = (await ListAsync(r => r.IncludeGone = true))
            .Where(s => s.GoneAt is not null)
            .ToDictionary(s => s.Identity, s => s.GoneRunId);
        Assert.Equal((run.RunId, ""), (gone["1"], gone["2"]));
        Assert.Equal(["snapshot.destroyed", "snapshot.vanished"], (await _coordinator.AllEventsAsync(0, "snapshot.*")).Select(e => e.Type));
    }

    [Fact]
    public async Task Run_DestroyedMoreThanItsResultNames_TheRestIsItsWorkToo()
    {
        await ReportAsync(Reports.Zfs("tank/data", Reports.Snapshot(1), Reports.Snapshot(2), Reports.Snapshot(3, "other")));

        var run = await RunAsync(
            "thin",
            new ActionResult
            {
                ZfsPrune = new ZfsPruneResult { DestroyedTotal = 2, Destroyed = { Reports.Info("tank/data", 1) } },
            });
        await ReportAsync(Reports.Zfs("tank/data"));

        var gone = (await ListAsync(r => r.IncludeGone = true)).ToDictionary(s => s.Identity, s => s.GoneRunId);
        Assert.Equal((run.RunId, run.RunId, ""), (gone["1"], gone["2"], gone["3"]));
        Assert.Equal("1", Assert.Single(await _coordinator.AllEventsAsync(0, "snapshot.vanished")).Attributes["count"]);
    }

    [Fact]
    public async Task Report_OlderThanARunsResult_NeitherHidesNorRevivesWhatTheRunDid()
    {
        await ReportAsync(Reports.Zfs("tank/data", Reports.Snapshot(1)));
        var late = Reports.Of(++_generation, Reports.Zfs("tank/data", Reports.Snapshot(1)));
        await RunAsync(
            "nightly",
            new ActionResult
            {
                ZfsSnapshot = new ZfsSnapshotResult { SnapshotsTotal = 1, Snapshots = { Reports.Info("tank/data", 2) } },
            });
        await RunAsync(
            "thin",
            new ActionResult
            {
                ZfsPrune = new ZfsPruneResult { DestroyedTotal = 1, Destroyed = { Reports.Info("tank/data", 1) } },
            });

        await SendAsync(late);

        Assert.Equal("2", Assert.Single(await ListAsync()).Identity);
        Assert.Empty(await _coordinator.AllEventsAsync(0, "snapshot.vanished"));
    }

    [Fact]
    public async Task Dataset_Renamed_TakesItsSnapshotsAlong()
    {
        await ReportAsync(Reports.Zfs("tank/data", Reports.Snapshot(1)));

        await ReportAsync(Reports.Zfs("tank/moved", Reports.Snapshot(1)));

        var one = Assert.Single(await ListAsync(r => r.IncludeGone = true));
        Assert.Equal(("tank/moved", "tank/moved@fleet_nightly_1", 1), (one.Of, one.Name, one.Copies));
        Assert.Empty(await _coordinator.AllEventsAsync(0, "snapshot.*"));
    }

    [Fact]
    public async Task Dataset_Destroyed_ItsSnapshotsVanish_ButNotThoseOfAPoolThatIsAway()
    {
        await ReportAsync(
            Reports.Zfs("tank/data", Reports.Snapshot(1)),
            Reports.Zfs("shelf/data", Reports.Snapshot(2)),
            Reports.Zfs("tank/vm"));

        await ReportAsync(Reports.Zfs("tank/vm"));

        Assert.Equal("shelf/data", Assert.Single(await ListAsync()).Of);
        Assert.Equal("1", Assert.Single(await _coordinator.AllEventsAsync(0, "snapshot.vanished")).Attributes["count"]);
    }

    [Fact]
    public async Task Report_InParts_IsOneReport()
    {
        var whole = Reports.Of(++_generation, Reports.Zfs("tank/data"));
        for (var part = 0; part < 3; part++)
        {
            var list = Reports.Zfs("tank/data", [.. Enumerable.Range(part * 1_000, 1_000).Select(i => Reports.Snapshot(i))]);
            await _session.SendAsync(
                new AgentMessage
                {
                    Storage = new StorageReport
                    {
                        Generation = whole.Generation,
                        Stock = part == 0 ? whole.Stock : null,
                        Lists = { list },
                    },
                });
        }

        await SendAsync(new StorageReport { Generation = whole.Generation, Last = true });

        Assert.Equal(3_000, (await ListAllAsync()).DistinctBy(s => s.Identity).Count());
    }

    [Fact]
    public async Task Trees_OfRsync_ComeAndGoWithTheirRuns()
    {
        await _coordinator.ApplyAsync(
            TestPolicies.New("photos", spec => (spec.Action.Rsync.Mode, spec.Action.Rsync.KeepVersions) = (RsyncMode.Versions, 1)));
        await RunAsync(
            "photos",
            new ActionResult
            {
                Rsync = new RsyncStatistics { VersionPath = Path(1), TotalBytes = 7 },
            });
        await RunAsync(
            "photos",
            new ActionResult
            {
                Rsync = new RsyncStatistics
                {
                    VersionPath = Path(2),
                    TotalBytes = 8,
                    RemovedVersionPaths = { Path(1) },
                },
            });

        var tree = Assert.Single(await ListAsync());
        Assert.Equal(
            (SnapshotKind.Tree, "/backup/\\xff", "/backup/\\xff/fleet_photos_2", 8L),
            (tree.Kind, tree.Of, tree.Name, tree.ReferencedBytes));
        Assert.Equal(
            ["snapshot.created", "snapshot.created", "snapshot.destroyed"],
            (await _coordinator.AllEventsAsync(0, "snapshot.*")).Select(e => e.Type));

        static ByteString Path(int number) =>
            ByteString.CopyFrom([.. "/backup/"u8, 0xFF, .. System.Text.Encoding.ASCII.GetBytes($"/fleet_photos_{number}")]);
    }

    [Fact]
    public async Task DryRun_OfAPolicy_IsNotInTheCatalogue()
    {
        var run = (await _coordinator.Fleet.StartRunAsync(
                new StartRunRequest
                {
                    Policy = "nightly",
                    RequestId = Guid.NewGuid().ToString(),
                    DryRun = true,
                })
        ).Runs[0];
        await FinishAsync(
            await _session.CommandAsync(),
            new ActionResult
            {
                ZfsSnapshot = new ZfsSnapshotResult { SnapshotsTotal = 1, Snapshots = { Reports.Info("tank/data", 1) } },
            });

        await _coordinator.RunAsync(run.RunId, RunState.Succeeded);
        Assert.Empty(await ListAsync(r => r.IncludeGone = true));
    }

    private static StoredSnapshot Volume(string origin, string uuid) => new()
    {
        Name = $"{origin}.fleet_nightly_1",
        Identity = uuid,
        Policy = "nightly",
        RunId = Reports.Run,
        Origin = origin,
    };

    private async Task<List<Snapshot>> ListAsync(Action<ListSnapshotsRequest>? change = null)
    {
        var request = new ListSnapshotsRequest();
        change?.Invoke(request);
        return [.. (await _coordinator.Fleet.ListSnapshotsAsync(request)).Snapshots];
    }

    private async Task<List<Snapshot>> ListAllAsync()
    {
        List<Snapshot> all = [];
        var request = new ListSnapshotsRequest { PageSize = 700 };
        do
        {
            var page = await _coordinator.Fleet.ListSnapshotsAsync(request);
            all.AddRange(page.Snapshots);
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);

        return all;
    }

    private Task ReportAsync(params SnapshotList[] lists) => SendAsync(Reports.Of(++_generation, lists));

    private async Task SendAsync(StorageReport report)
    {
        await _session.SendAsync(new AgentMessage { Storage = report });
        await _session.WaitAsync(m => m.Acknowledge?.StorageGeneration == report.Generation);
    }

    private async Task<Run> RunAsync(string policy, ActionResult result)
    {
        var run = await _coordinator.StartAsync(policy);
        await FinishAsync(await _session.CommandAsync(), result);
        return run;
    }

    private async Task FinishAsync(RunCommand command, ActionResult result)
    {
        var finished = ScriptedSession.Finished(command);
        result.Outcome = result.Outcome == ActionOutcome.Unspecified ? ActionOutcome.Succeeded : result.Outcome;
        result.FinishedAt = Reports.Tick();
        finished.Result = result;
        await _session.SendAsync(_agent.Entry(finished));
        await _session.AcknowledgedAsync(_agent.Sequence);
    }
}
