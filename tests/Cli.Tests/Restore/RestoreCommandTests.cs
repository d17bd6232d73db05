using Fleet.Cli.Outcomes;
using Fleet.Cli.Tests.Scripted;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Tests.Restore;

public sealed class RestoreCommandTests : IAsyncLifetime
{
    private readonly Terminal _terminal = new() { Time = Fleets.Clock() };
    private readonly Dictionary<string, Run> _runs = [];
    private ScriptedCoordinator _coordinator = null!;
    private ActionResult _plan = new()
    {
        Outcome = ActionOutcome.Succeeded,
        Message = "dry run: 2 file(s) would be copied",
        Details = { ">f+++++++++ 5 hosts" },
        RestoreFiles = new RestoreFilesResult { Identity = "12345", Bytes = 2048, FreeBytes = 4096 },
        LvmRestore = new LvmRestoreResult { Snapshot = new LvmSnapshotInfo { Uuid = "uuid-1" } },
    };

    private RunState _planState = RunState.Succeeded;
    private ActionResult _result = new() { Outcome = ActionOutcome.Succeeded, Message = "2 file(s) restored" };

    public async ValueTask InitializeAsync()
    {
        _coordinator = await ScriptedCoordinator.StartAsync();
        _terminal.With(_coordinator);
        _coordinator.Script
            .On<StartActionRequest, Run>(
                "StartAction", r => _runs[$"{_runs.Count + 1}".PadLeft(32, '1')] = Of(r, $"{_runs.Count + 1}".PadLeft(32, '1')))
            .On<GetRunRequest, Run>("GetRun", r => _runs[r.RunId])
            .OnStream<WatchRunRequest>(
                "WatchRun", async (r, stream, _) => await stream.WriteAsync(new WatchRunResponse { Run = _runs[r.RunId] }));
    }

    public async ValueTask DisposeAsync()
    {
        await _coordinator.DisposeAsync();
        _terminal.Dispose();
    }

    private IReadOnlyList<StartActionRequest> Started => [.. _coordinator.Script.Requests<StartActionRequest>("StartAction")];

    [Fact]
    public async Task Files_WithYes_ShowsThePlanAndCarriesOutWhatItFound()
    {
        Assert.Equal(
            ExitCode.Ok,
            await _terminal.RunAsync(
                "restore",
                "files",
                "tank/data@monday",
                "home/anna",
                "--to",
                "/srv/restore",
                "--host",
                "nas",
                "--yes",
                "--why",
                "lost by accident",
                "--overwrite"));

        var dry = Started[0].Action.RestoreFiles;
        var wet = Started[1].Action.RestoreFiles;
        Assert.Equal(
            (true, 0UL, "tank/data@monday", "home/anna", "/srv/restore", true),
            (dry.DryRun, dry.Zfs.Guid, dry.Zfs.Name, dry.Path.ToStringUtf8(), dry.Destination.ToStringUtf8(), dry.Overwrite));
        Assert.Equal(
            (false, 12345UL, "tank/data@monday", "home/anna", "/srv/restore", true),
            (wet.DryRun, wet.Zfs.Guid, wet.Zfs.Name, wet.Path.ToStringUtf8(), wet.Destination.ToStringUtf8(), wet.Overwrite));
        Assert.All(Started, r => Assert.Equal(("nas", "lost by accident"), (r.Host, r.Note)));
        Assert.Contains(
            "nas: dry run: 2 file(s) would be copied\n  >f+++++++++ 5 hosts\n  2.0 KiB to copy, 4.0 KiB free at the destination\n",
            _terminal.Output,
            StringComparison.Ordinal);
        Assert.EndsWith("2 file(s) restored\n", _terminal.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_OfAVolumeAndOfATree_NameThemSo()
    {
        await _terminal.RunAsync("restore", "files", "vg/home.monday", "/", "--to", "/srv/restore", "--host", "nas", "--yes");
        await _terminal.RunAsync(
            "restore", "files", "/mnt/backup/fleet_nightly_20261120T205500Z", "etc", "--to", "/srv/restore", "--host", "nas", "--yes");

        Assert.Equal(
            ("vg/home.monday", "", "12345"),
            (Started[0].Action.RestoreFiles.Lvm.Name, Started[0].Action.RestoreFiles.Lvm.Uuid, Started[1].Action.RestoreFiles.Lvm.Uuid));
        Assert.Equal("/mnt/backup/fleet_nightly_20261120T205500Z", Started[3].Action.RestoreFiles.Tree.ToStringUtf8());
    }

    [Fact]
    public async Task Volume_WithoutTerminalAndYes_OnlyPlansAndSaysHowToGoOn()
    {
        Assert.Equal(ExitCode.Refused, await _terminal.RunAsync("restore", "volume", "vg/home.monday", "--host", "nas"));

        Assert.True(Assert.Single(Started).Action.LvmRestore.DryRun);
        Assert.Contains("nas: dry run", _terminal.Output, StringComparison.Ordinal);
        Assert.Contains("--yes", _terminal.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("yes\n", ExitCode.Ok, 2)]
    [InlineData("y\n", ExitCode.Refused, 1)]
    [InlineData("", ExitCode.Refused, 1)]
    public async Task Volume_OnATerminal_Asks(string typed, int code, int started)
    {
        (_terminal.IsTerminal, _terminal.Input) = (true, typed);

        Assert.Equal(code, await _terminal.RunAsync("restore", "volume", "vg/home.monday", "--host", "nas"));

        Assert.Equal(started, Started.Count);
        Assert.Equal("uuid-1", started == 2 ? Started[1].Action.LvmRestore.Uuid : "uuid-1");
    }

    [Fact]
    public async Task Volume_ThatIsPending_IsNotCalledRestored()
    {
        _result = new ActionResult { Outcome = ActionOutcome.SucceededWithWarnings, Message = "not restored yet: vg/home is open" };

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("restore", "volume", "vg/home.monday", "--host", "nas", "--yes"));

        Assert.EndsWith("not restored yet: vg/home is open\n", _terminal.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_PlanThatIsRefused_SaysTheRuleAndStartsNothing()
    {
        (_planState, _plan) = (RunState.Refused,
            new ActionResult
            {
                Outcome = ActionOutcome.Refused,
                Message = "no rule of restore covers /srv",
                RefusedBy = "guard.yaml: restore, default deny",
            });

        Assert.Equal(
            ExitCode.NotWell,
            await _terminal.RunAsync("restore", "files", "tank/data@monday", "/", "--to", "/srv", "--host", "nas", "--yes"));

        Assert.Single(Started);
        Assert.Equal("nas: no rule of restore covers /srv\n  refused by: guard.yaml: restore, default deny\n", _terminal.Output);
    }

    [Theory]
    [InlineData("--to", "tank/restored")]
    [InlineData("--in-place", "--destroy=tank/data@tuesday")]
    [InlineData("--in-place", "--destroy=tank/data#a=b=8")]
    [InlineData("--in-place", "--destroy=tank/clone=8")]
    public async Task Dataset_ByTheGuidOfTheCatalogue_OnTheHostThatHasIt(params string[] how)
    {
        _coordinator.Script.On<ListSnapshotsRequest, ListSnapshotsResponse>("ListSnapshots", r => new ListSnapshotsResponse
        {
            Snapshots = { Known("monday", 7), Known("tuesday", 8) },
        });

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync(["restore", "dataset", "tank/data@monday", "--yes", .. how]));

        Assert.All(Started, r => Assert.Equal("nas", r.Host));
        var (dry, wet) = (Started[0].Action, Started[1].Action);
        Assert.Equal(
            (true, false),
            how[0] == "--to" ? (dry.ZfsClone.DryRun, wet.ZfsClone.DryRun) : (dry.ZfsRollback.DryRun, wet.ZfsRollback.DryRun));
        Assert.Equal(7UL, (wet.ZfsClone?.Snapshot ?? wet.ZfsRollback.Snapshot).Guid);
        Assert.Equal(
            how[0] == "--to" ? "tank/restored"
                : how[1].Contains('@') ? "tank/data@tuesday 8"
                : how[1].Contains('#') ? "tank/data#a=b 8"
                : "tank/clone 8",
            wet.ZfsClone?.Target ?? $"{wet.ZfsRollback.Destroy[0].Name} {wet.ZfsRollback.Destroy[0].Guid}");
    }

    [Fact]
    public async Task Dataset_ThatTheCatalogueDoesNotKnow_IsNotAskedFor()
    {
        _coordinator.Script.On<ListSnapshotsRequest, ListSnapshotsResponse>("ListSnapshots", _ => new ListSnapshotsResponse());

        Assert.Equal(
            ExitCode.NotFound,
            await _terminal.RunAsync("restore", "dataset", "tank/data@monday", "--to", "tank/x", "--host", "nas", "--yes"));

        Assert.Empty(Started);
    }

    [Theory]
    [InlineData("nas", ExitCode.Ok)]
    [InlineData("web1", ExitCode.Refused)]
    public async Task Volume_WithoutAHost_IsTheOneThatHasIt(string second, int code)
    {
        _coordinator.Script.On<ListSnapshotsRequest, ListSnapshotsResponse>("ListSnapshots", _ => new ListSnapshotsResponse
        {
            Snapshots =
            {
                new Snapshot { Name = "vg/home.monday", HostName = "nas" },
                new Snapshot { Name = "vg/home.monday", HostName = second },
                new Snapshot { Name = "vg/home.other", HostName = "web2" },
            },
        });

        Assert.Equal(code, await _terminal.RunAsync("restore", "volume", "vg/home.monday", "--yes"));
    }

    [Theory]
    [InlineData("restore", "dataset", "tank/data@monday")]
    [InlineData("restore", "dataset", "tank/data@monday", "--to", "tank/x", "--in-place")]
    [InlineData("restore", "dataset", "tank/data@monday", "--to", "tank/x", "--destroy", "tank/data@tuesday")]
    [InlineData("restore", "dataset", "tank/data@monday", "--in-place", "--destroy", "tank/data#name")]
    [InlineData("restore", "dataset", "tank/data@monday", "--in-place", "--destroy", "tank/clone")]
    [InlineData("restore", "files", "monday", "/", "--to", "/srv")]
    [InlineData("restore", "files", "tank/data@monday", "/", "--to", "srv")]
    [InlineData("restore", "files", "tank/data@monday", "/")]
    [InlineData("restore", "volume")]
    [InlineData("restore")]
    public async Task Restore_LineThatDoesNotFit_AsksNobody(params string[] arguments)
    {
        Assert.Equal(ExitCode.Refused, await _terminal.RunAsync(arguments));

        Assert.Empty(_coordinator.Script.Calls);
    }

    private static Snapshot Known(string name, ulong guid) =>
        new() { Kind = SnapshotKind.Zfs, HostName = "nas", Of = "tank/data", Name = $"tank/data@{name}", Identity = $"{guid}" };

    private Run Of(StartActionRequest request, string id)
    {
        var action = request.Action;
        var isPlan = action.RestoreFiles?.DryRun ?? action.LvmRestore?.DryRun ?? action.ZfsClone?.DryRun ?? action.ZfsRollback.DryRun;
        return new Run
        {
            RunId = id,
            HostName = request.Host,
            Action = request.Action,
            State = isPlan ? _planState : RunState.Succeeded,
            Result = isPlan ? _plan : _result,
        };
    }
}
