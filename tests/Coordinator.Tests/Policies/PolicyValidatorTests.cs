using Fleet.Coordinator.Policies;
using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.Tests.Policies;

/// <summary>What is taken and what is refused, by kind of action.</summary>
public sealed class PolicyValidatorTests
{
    [Fact]
    public void Validate_PathWithNewlineAndInvalidUtf8_IsTaken()
    {
        var spec = TestPolicies.New(change: s => s.Action.Rsync.Source.Path = ByteString.CopyFrom([(byte)'/', (byte)'\n', 0xFF, 0xFE]));

        Assert.Empty(PolicyValidator.Validate([spec], new HashSet<string>()).Violations);
    }

    /// <summary>The rule itself, with all its cases, is TransferTreesTests.</summary>
    [Theory]
    [InlineData("/disk", false, "", true)]
    [InlineData("", true, "/srv/disk", true)]
    [InlineData("", true, "", true)]
    [InlineData("", false, "/srv/disk", false)]
    [InlineData("/other", false, "", false)]
    public void Validate_DestinationInsideTheSource_IsTakenWhereItIsLeftOut(string exclude, bool oneFileSystem, string mount, bool isTaken)
    {
        var spec = TestPolicies.New(change: s =>
        {
            var rsync = s.Action.Rsync;
            (rsync.Source.Path, rsync.Destination.Path) = (ByteString.CopyFromUtf8("/srv"), ByteString.CopyFromUtf8("/srv/disk/bk"));
            (rsync.OneFileSystem, rsync.Destination.RequiredMount) = (oneFileSystem, ByteString.CopyFromUtf8(mount));
            rsync.Excludes.Add(exclude.Length > 0 ? [exclude] : []);
        });

        Assert.Equal(isTaken, PolicyValidator.Validate([spec], new HashSet<string>()).Violations.Count == 0);
    }

    [Fact]
    public void Validate_SnapshotsOfDatasets_AreTaken()
    {
        var spec = TestPolicies.New(change: s => s.Action = new Protocol.V1.Action
        {
            ZfsSnapshot = new ZfsSnapshotAction
            {
                Datasets = { "tank", "tank2/with space/a..b/.hidden" },
                Excludes = { "tank/*-swap", "*/scratch" },
                Before = new SnapshotHook
                {
                    Command = new CommandAction { Program = "/bin/true" },
                    Timeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(5)),
                },
            },
        });

        Assert.Empty(PolicyValidator.Validate([spec], new HashSet<string>()).Violations);
    }

    [Fact]
    public void Validate_LvmSnapshot_IsTaken()
    {
        var snapshot = new LvmSnapshotAction { Volumes = { "a+b_c.d-1/.x+y" } };
        var spec = TestPolicies.New(change: s => s.Action = new Protocol.V1.Action { LvmSnapshot = snapshot });

        Assert.Empty(PolicyValidator.Validate([spec], new HashSet<string>()).Violations);
    }

    [Fact]
    public void Validate_Retention_IsTaken()
    {
        var retention = new Retention
        {
            Keep = new KeepRules { Yearly = -1, Within = Duration.FromTimeSpan(TimeSpan.FromDays(2)) },
            TimeZone = "America/Argentina/Buenos_Aires",
            Floor = 3,
            Budget = new RetentionBudget { MostPercent = 0, MostCount = 0 },
        };
        var spec = TestPolicies.New(change: s => s.Action = new Protocol.V1.Action
        {
            ZfsPrune = new ZfsPruneAction { Datasets = { "tank" }, SnapshotsOf = "hourly-data", Retention = retention },
        });

        Assert.Empty(PolicyValidator.Validate([spec], new HashSet<string>()).Violations);
    }

    [Fact]
    public void Validate_Replication_NamesWhatIsWrong()
    {
        var good = new ZfsReplicateAction
        {
            Source = "tank/data",
            Target = "tank/data",
            SnapshotsOf = "nightly",
            SourceHost = new SshRemote { Host = "nas2" },
        };
        var elsewhere = good.Clone();
        (elsewhere.SourceHost, elsewhere.TargetHost) = (null, new SshRemote { Host = "-oProxyCommand=x" });
        var copy = good.Clone();
        (copy.SourceHost, copy.Target, copy.SnapshotsOf, copy.BandwidthLimitBytesPerSecond) = (null, "tank/data/copy", "No Policy", 5);
        copy.Excludes.Add("@");

        Assert.Equal(["excludes[0]", "snapshots_of", "target", "bandwidth_limit_bytes_per_second"], Wrong(new() { ZfsReplicate = copy }));
        Assert.Equal(["target_host.host"], Wrong(new() { ZfsReplicate = elsewhere }));
        Assert.Empty(Wrong(new() { ZfsReplicate = good }));

        static IEnumerable<string> Wrong(Protocol.V1.Action action) =>
            PolicyValidator.Validate([TestPolicies.New(change: s => s.Action = action)], new HashSet<string>()).Violations.Select(
                v => v.Field.Replace("policies[0].action.zfs_replicate.", "", StringComparison.Ordinal));
    }

    [Fact]
    public void Validate_SingleSnapshots_AreForRunsAndNotForPolicies()
    {
        var snapshot = new ZfsSnapshotRef { Name = "tank/data@1", Guid = 1 };
        foreach (var action in new Protocol.V1.Action[]
        {
            new() { LvmProtect = new LvmProtectAction { Snapshots = { new LvmSnapshotRef { Name = "vg/home.1", Uuid = "abc-def" } } } },
            new() { ZfsHold = new ZfsHoldAction { Snapshots = { snapshot } } },
            new()
            {
                ZfsRollback = new ZfsRollbackAction
                {
                    Snapshot = snapshot,
                    Destroy = { new ZfsSnapshotRef { Name = "tank/data#1", Guid = 2 } },
                },
            },
            new() { ZfsClone = new ZfsCloneAction { Snapshot = snapshot, Target = "tank/clone" } },
        })
        {
            Assert.Empty(PolicyValidator.ValidateAction(action, null));
            var findings = PolicyValidator.Validate([TestPolicies.New(change: s => s.Action = action)], new HashSet<string>());
            Assert.Equal("policies[0].action", Assert.Single(findings.Violations).Field);
        }
    }

    [Fact]
    public void ValidateAction_SnapshotsWithoutIdentity_AreRefused()
    {
        Assert.Equal(
            ["action.zfs_hold.snapshots[0].guid", "action.zfs_hold.tag"],
            Wrong(new() { ZfsHold = new ZfsHoldAction { Snapshots = { new ZfsSnapshotRef { Name = "tank@1" } }, Tag = "keep" } }));
        Assert.Equal(
            ["action.lvm_protect.snapshots[0].name", "action.lvm_protect.snapshots[0].uuid", "action.lvm_protect.snapshots[1].uuid"],
            Wrong(new()
            {
                LvmProtect = new LvmProtectAction
                {
                    Snapshots = { new LvmSnapshotRef { Name = "home" }, new LvmSnapshotRef { Name = "vg/home.1", Uuid = "a || b" } },
                    DryRun = true,
                },
            }));
        Assert.Equal(["action.lvm_protect.snapshots"], Wrong(new() { LvmProtect = new LvmProtectAction() }));
        Assert.Equal(
            ["action.zfs_rollback.snapshot.name"],
            Wrong(new() { ZfsRollback = new ZfsRollbackAction { Snapshot = new ZfsSnapshotRef { Name = "tank/data", Guid = 1 } } }));
        Assert.Equal(
            ["action.zfs_clone.snapshot.name", "action.zfs_clone.target"],
            Wrong(new() { ZfsClone = new ZfsCloneAction { Target = "-o" } }));
        Assert.Equal(["action.zfs_scrub.pools[0]"], Wrong(new() { ZfsScrub = new ZfsScrubAction { Pools = { "tank/data" } } }));

        static IEnumerable<string> Wrong(Protocol.V1.Action action) => PolicyValidator.ValidateAction(action, null).Select(v => v.Field);
    }
}
