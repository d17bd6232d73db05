using Fleet.Coordinator.Policies;
using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Fleet.Coordinator.Tests.Policies;

public sealed class ApplyTests
{
    [Fact]
    public async Task Delete_SaysWhatGoesOnAndWhatStays()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(TestPolicies.New(change: spec =>
        {
            spec.Action.Rsync.Mode = RsyncMode.Versions;
            spec.Action.Rsync.Destination.Path = Google.Protobuf.ByteString.CopyFromUtf8("/backup/{host}");
        }));
        await using var session = await agent.OpenAsync();
        await coordinator.StartAsync("photos");
        await session.StartAsync(await session.CommandAsync());

        var deleted = await coordinator.Fleet.DeletePolicyAsync(new DeletePolicyRequest { Name = "photos" });

        Assert.Equal((true, 0, 1), (deleted.Deleted, deleted.ExpiredRuns, deleted.RunningRuns));
        Assert.Contains("/backup/nas/fleet_photos_* on nas stay", Assert.Single(deleted.Remains), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_TwoWritersOfOneFolder_AreRefusedByName_AlsoLater()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(TestPolicies.New("first"));

        var refused = await Assert.ThrowsAsync<RpcException>(() => coordinator.ApplyAsync(
            TestPolicies.New("second", spec => spec.Action.Rsync.Destination.Path = Google.Protobuf.ByteString.CopyFromUtf8("/backup/first/below"))));

        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.Contains("lies below the destination of first", refused.Status.Detail, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> BadFields => new()
    {
        { "name", "policies[0].name" },
        { "no target", "policies[0].target" },
        { "unknown host", "policies[0].target.hosts[0]" },
        { "no action", "policies[0].action" },
        { "no mode", "policies[0].action.rsync.mode" },
        { "relative path", "policies[0].action.rsync.source.path" },
        { "nul in path", "policies[0].action.rsync.source.path" },
        { "two remotes", "policies[0].action.rsync.destination" },
        { "option as host", "policies[0].action.rsync.source.ssh.host" },
        { "mirror onto its surroundings", "policies[0].action.rsync.destination.path" },
        { "destination inside the source", "policies[0].action.rsync.destination.path" },
        { "rsync confirmed for ever", "policies[0].action.rsync.confirmation" },
        { "keep and keep_versions", "policies[0].action.rsync.keep_versions" },
        { "keep without versions", "policies[0].action.rsync.retention" },
        { "keep without rules", "policies[0].action.rsync.retention.keep" },
        { "mirror of a single file", "policies[0].action.rsync.source.single_file" },
        { "single file as destination", "policies[0].action.rsync.destination.single_file" },
        { "excluded deleted by a copy", "policies[0].action.rsync.delete_excluded" },
        { "rsync_path without ssh", "policies[0].action.rsync.rsync_path" },
        { "rsync_path with a shell", "policies[0].action.rsync.rsync_path" },
        { "share of 101", "policies[0].action.rsync.min_percent_of_last" },
        { "empty include", "policies[0].action.rsync.includes[0]" },
        { "incomplete copy", "policies[0].action.rsync.keep_incomplete" },
        { "interval", "policies[0].schedule.every" },
        { "empty schedule", "policies[0].schedule.every" },
        { "broken duration", "policies[0].timeout" },
        { "backoff", "policies[0].retry.max_backoff" },
        { "attempts", "policies[0].retry.max_attempts" },
        { "relative program", "policies[0].action.command.program" },
        { "exit code", "policies[0].action.command.success_exit_codes[0]" },
        { "snapshot as dataset", "policies[0].action.zfs_snapshot.datasets[1]" },
        { "option as dataset", "policies[0].action.zfs_snapshot.datasets[1]" },
        { "parent of a dataset", "policies[0].action.zfs_snapshot.datasets[1]" },
        { "dataset twice", "policies[0].action.zfs_snapshot.datasets[1]" },
        { "no dataset", "policies[0].action.zfs_snapshot.datasets" },
        { "list as exclusion", "policies[0].action.zfs_snapshot.excludes[0]" },
        { "hook without command", "policies[0].action.zfs_snapshot.before.command" },
        { "hook without end", "policies[0].action.zfs_snapshot.after.timeout" },
        { "volume without group", "policies[0].action.lvm_snapshot.volumes[1]" },
        { "option as volume", "policies[0].action.lvm_snapshot.volumes[1]" },
        { "parent of a volume", "policies[0].action.lvm_snapshot.volumes[1]" },
        { "volume twice", "policies[0].action.lvm_snapshot.volumes[1]" },
        { "no volume", "policies[0].action.lvm_snapshot.volumes" },
        { "size below nothing", "policies[0].action.lvm_snapshot.classic_size_bytes" },
        { "more than full", "policies[0].action.lvm_snapshot.max_data_percent" },
        { "nobody's volumes", "policies[0].action.lvm_prune.snapshots_of" },
        { "no volume to prune", "policies[0].action.lvm_prune.volumes" },
        { "volumes confirmed for ever", "policies[0].action.lvm_prune.confirmation" },
        { "nobody's snapshots", "policies[0].action.zfs_prune.snapshots_of" },
        { "nothing to keep", "policies[0].action.zfs_prune.retention.keep" },
        { "count below all", "policies[0].action.zfs_prune.retention.keep.hourly" },
        { "no zone", "policies[0].action.zfs_prune.retention.time_zone" },
        { "budget above everything", "policies[0].action.zfs_prune.retention.budget.most_percent" },
        { "confirmed for ever", "policies[0].action.zfs_prune.confirmation" },
        { "another time for ever", "policies[0].action.zfs_prune.assumed_now" },
        { "remote mount", "policies[0].action.rsync.source.required_mount" },
    };

    [Theory]
    [MemberData(nameof(BadFields))]
    public void Validate_BadField_IsNamedByItsPath(string what, string field)
    {
        var spec = TestPolicies.New(change: s => Break(s, what));

        var findings = PolicyValidator.Validate([spec], new HashSet<string> { "nas" });

        Assert.Contains(findings.Violations, violation => violation.Field == field);
    }

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
                Before = new SnapshotHook { Command = new CommandAction { Program = "/bin/true" }, Timeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(5)) },
            },
        });

        Assert.Empty(PolicyValidator.Validate([spec], new HashSet<string>()).Violations);
    }

    [Fact]
    public void Validate_LvmSnapshot_IsTaken()
    {
        var spec = TestPolicies.New(change: s => s.Action = Volumes("a+b_c.d-1/.x+y"));

        Assert.Empty(PolicyValidator.Validate([spec], new HashSet<string>()).Violations);
    }

    [Fact]
    public void Validate_Retention_IsTaken()
    {
        var spec = TestPolicies.New(change: s => s.Action = Prune(p =>
        {
            p.Retention.Keep = new KeepRules { Yearly = -1, Within = Duration.FromTimeSpan(TimeSpan.FromDays(2)) };
            (p.Retention.TimeZone, p.Retention.Floor) = ("America/Argentina/Buenos_Aires", 3);
            p.Retention.Budget = new RetentionBudget { MostPercent = 0, MostCount = 0 };
        }));

        Assert.Empty(PolicyValidator.Validate([spec], new HashSet<string>()).Violations);
    }

    [Fact]
    public void Validate_Replication_NamesWhatIsWrong()
    {
        var copy = new ZfsReplicateAction { Source = "tank/data", Target = "tank/data/copy", SnapshotsOf = "No Policy", BandwidthLimitBytesPerSecond = 5, Excludes = { "@" } };
        var elsewhere = new ZfsReplicateAction { Source = "tank/data", Target = "tank/data", SnapshotsOf = "nightly", TargetHost = new SshRemote { Host = "-oProxyCommand=x" } };
        var good = new ZfsReplicateAction { Source = "tank/data", Target = "tank/data", SnapshotsOf = "nightly", SourceHost = new SshRemote { Host = "nas2" } };

        Assert.Equal(["excludes[0]", "snapshots_of", "target", "bandwidth_limit_bytes_per_second"], Wrong(new() { ZfsReplicate = copy }));
        Assert.Equal(["target_host.host"], Wrong(new() { ZfsReplicate = elsewhere }));
        Assert.Empty(Wrong(new() { ZfsReplicate = good }));

        static IEnumerable<string> Wrong(Protocol.V1.Action action) =>
            PolicyValidator.Validate([TestPolicies.New(change: s => s.Action = action)], new HashSet<string>()).Violations.Select(v => v.Field.Replace("policies[0].action.zfs_replicate.", "", StringComparison.Ordinal));
    }

    [Fact]
    public void Validate_SingleSnapshots_AreForRunsAndNotForPolicies()
    {
        var snapshot = new ZfsSnapshotRef { Name = "tank/data@1", Guid = 1 };
        foreach (var action in new Protocol.V1.Action[]
        {
            new() { LvmProtect = new LvmProtectAction { Snapshots = { new LvmSnapshotRef { Name = "vg/home.1", Uuid = "abc-def" } } } },
            new() { ZfsHold = new ZfsHoldAction { Snapshots = { snapshot } } },
            new() { ZfsRollback = new ZfsRollbackAction { Snapshot = snapshot, Destroy = { new ZfsSnapshotRef { Name = "tank/data#1", Guid = 2 } } } },
            new() { ZfsClone = new ZfsCloneAction { Snapshot = snapshot, Target = "tank/clone" } },
        })
        {
            Assert.Empty(PolicyValidator.ValidateAction(action, null));
            Assert.Equal("policies[0].action", Assert.Single(PolicyValidator.Validate([TestPolicies.New(change: s => s.Action = action)], new HashSet<string>()).Violations).Field);
        }
    }

    [Fact]
    public void ValidateAction_SnapshotsWithoutIdentity_AreRefused()
    {
        Assert.Equal(["action.zfs_hold.snapshots[0].guid", "action.zfs_hold.tag"], Wrong(new() { ZfsHold = new ZfsHoldAction { Snapshots = { new ZfsSnapshotRef { Name = "tank@1" } }, Tag = "keep" } }));
        Assert.Equal(
            ["action.lvm_protect.snapshots[0].name", "action.lvm_protect.snapshots[0].uuid", "action.lvm_protect.snapshots[1].uuid"],
            Wrong(new() { LvmProtect = new LvmProtectAction { Snapshots = { new LvmSnapshotRef { Name = "home" }, new LvmSnapshotRef { Name = "vg/home.1", Uuid = "a || b" } }, DryRun = true } }));
        Assert.Equal(["action.lvm_protect.snapshots"], Wrong(new() { LvmProtect = new LvmProtectAction() }));
        Assert.Equal(["action.zfs_rollback.snapshot.name"], Wrong(new() { ZfsRollback = new ZfsRollbackAction { Snapshot = new ZfsSnapshotRef { Name = "tank/data", Guid = 1 } } }));
        Assert.Equal(["action.zfs_clone.snapshot.name", "action.zfs_clone.target"], Wrong(new() { ZfsClone = new ZfsCloneAction { Target = "-o" } }));
        Assert.Equal(["action.zfs_scrub.pools[0]"], Wrong(new() { ZfsScrub = new ZfsScrubAction { Pools = { "tank/data" } } }));

        static IEnumerable<string> Wrong(Protocol.V1.Action action) => PolicyValidator.ValidateAction(action, null).Select(v => v.Field);
    }

    [Fact]
    public async Task Apply_SomethingWrongInOne_ChangesNothingAndNamesAll()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        await coordinator.EnrolAsync("nas");
        var request = new ApplyPoliciesRequest();
        request.Policies.Add(TestPolicies.New("good"));
        request.Policies.Add(TestPolicies.New("bad", spec => spec.Target = new PolicyTarget { Hosts = { "nas", "gone", "lost" } }));
        request.Policies.Add(TestPolicies.New("good"));

        var error = await Assert.ThrowsAsync<RpcException>(async () => await coordinator.Fleet.ApplyPoliciesAsync(request));

        Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
        Assert.Equal("POLICY_INVALID", error.Trailers.GetValue("fleet-reason"));
        var detail = ErrorDetail.Parser.ParseFrom(error.Trailers.GetValueBytes("fleet-error-bin"));
        Assert.Equal(
            ["policies[1].target.hosts[1]", "policies[1].target.hosts[2]", "policies[2].name"], detail.Violations.Select(v => v.Field));
        Assert.Empty((await coordinator.Fleet.ListPoliciesAsync(new ListPoliciesRequest())).Policies);
        Assert.Empty(await coordinator.AllEventsAsync(0, "policy.*"));
    }

    [Fact]
    public async Task Apply_DryRunThenRealThenAgain_ShowsTheDiffAndEndsUnchanged()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        await coordinator.EnrolAsync("nas");
        var request = new ApplyPoliciesRequest { Policies = { TestPolicies.Every(TimeSpan.FromHours(1)) }, DryRun = true };

        var dry = Assert.Single((await coordinator.Fleet.ApplyPoliciesAsync(request)).Changes);
        Assert.Equal(PolicyChangeKind.Created, dry.Kind);
        Assert.Equal(["nas"], dry.Hosts);
        Assert.Empty((await coordinator.Fleet.ListPoliciesAsync(new ListPoliciesRequest())).Policies);

        request.DryRun = false;
        await coordinator.Fleet.ApplyPoliciesAsync(request);
        Assert.Equal(PolicyChangeKind.Unchanged, (await coordinator.Fleet.ApplyPoliciesAsync(request)).Changes[0].Kind);

        request.Policies[0].Schedule.Every = Duration.FromTimeSpan(TimeSpan.FromHours(2));
        var changed = (await coordinator.Fleet.ApplyPoliciesAsync(request)).Changes[0];
        Assert.Equal(PolicyChangeKind.Updated, changed.Kind);
        Assert.Equal(2, changed.Revision);
        var field = Assert.Single(changed.Fields);
        Assert.Equal(("schedule.every", "01:00:00", "02:00:00"), (field.Field, field.Before, field.After));
        Assert.Equal(["policy.created", "policy.updated"], (await coordinator.AllEventsAsync(0, "policy.*")).Select(e => e.Type));
    }

    [Fact]
    public async Task Apply_SelectorWithoutMatch_WarnsAndWaitsForAHost()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var spec = TestPolicies.New(change: s => s.Target = new PolicyTarget { MatchLabels = { ["role"] = "nas" } });
        var change = Assert.Single((await coordinator.Fleet.ApplyPoliciesAsync(new ApplyPoliciesRequest { Policies = { spec } })).Changes);
        Assert.Single(change.Warnings);

        var agent = await coordinator.EnrolAsync("nas", ("role", "nas"));

        await using var session = await agent.OpenAsync();
        Assert.Equal("photos", Assert.Single((await session.AssignmentAsync()).Policies).Spec.Name);
    }

    [Fact]
    public async Task Apply_ChangesTheAssignmentOfLiveHosts()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await using var session = await agent.OpenAsync();
        var before = await session.AssignmentAsync();
        Assert.Empty(before.Policies);

        await coordinator.ApplyAsync(TestPolicies.New());
        var applied = await session.AssignmentAsync();
        await coordinator.Fleet.DeletePolicyAsync(new DeletePolicyRequest { Name = "photos" });
        var deleted = await session.AssignmentAsync();

        Assert.Equal("photos", Assert.Single(applied.Policies).Spec.Name);
        Assert.Empty(deleted.Policies);
        Assert.True(before.Revision < applied.Revision && applied.Revision < deleted.Revision);
    }

    [Fact]
    public async Task Delete_ExpiresWaitingRuns()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(TestPolicies.New());
        var run = await coordinator.StartAsync("photos");

        var first = await coordinator.Fleet.DeletePolicyAsync(new DeletePolicyRequest { Name = "photos" });
        var second = await coordinator.Fleet.DeletePolicyAsync(new DeletePolicyRequest { Name = "photos" });

        Assert.True(first.Deleted);
        Assert.Equal(1, first.ExpiredRuns);
        Assert.False(second.Deleted);
        await coordinator.RunAsync(run.RunId, RunState.Expired);
    }

    private static Protocol.V1.Action Snapshot(string second) =>
        new() { ZfsSnapshot = new ZfsSnapshotAction { Datasets = { "tank/a b", second } } };

    private static Protocol.V1.Action Volumes(string second) => new() { LvmSnapshot = new LvmSnapshotAction { Volumes = { "vg/home", second } } };

    private static Protocol.V1.Action Prune(System.Action<ZfsPruneAction> change)
    {
        var prune = new ZfsPruneAction { Datasets = { "tank" }, SnapshotsOf = "hourly-data", Retention = new Retention { Keep = new KeepRules { Daily = 7 } } };
        change(prune);
        return new Protocol.V1.Action { ZfsPrune = prune };
    }

    private static void Break(PolicySpec spec, string what)
    {
        var rsync = spec.Action.Rsync;
        switch (what)
        {
            case "name": spec.Name = "Photos!"; break;
            case "no target": spec.Target = new PolicyTarget(); break;
            case "unknown host": spec.Target = new PolicyTarget { Hosts = { "gone" } }; break;
            case "no action": spec.Action = null; break;
            case "no mode": rsync.Mode = RsyncMode.Unspecified; break;
            case "relative path": rsync.Source.Path = ByteString.CopyFromUtf8("srv"); break;
            case "nul in path": rsync.Source.Path = ByteString.CopyFromUtf8("/s\0rv"); break;
            case "two remotes":
                rsync.Source.Ssh = new SshRemote { Host = "a" };
                rsync.Destination.Ssh = new SshRemote { Host = "b" };
                break;
            case "option as host": rsync.Source.Ssh = new SshRemote { Host = "-oProxyCommand=touch /x" }; break;
            case "mirror onto its surroundings": rsync.Destination.Path = ByteString.CopyFromUtf8("/srv"); break;
            case "destination inside the source": rsync.Destination.Path = ByteString.CopyFrom([.. rsync.Source.Path.Span, .. "/copy"u8]); break;
            case "rsync confirmed for ever": rsync.Confirmation = "0123456789abcdef"; break;
            case "keep and keep_versions": (rsync.Mode, rsync.KeepVersions, rsync.Retention) = (RsyncMode.Versions, 3, new Retention { Keep = new KeepRules { Daily = 7 } }); break;
            case "keep without versions": rsync.Retention = new Retention { Keep = new KeepRules { Daily = 7 } }; break;
            case "keep without rules": (rsync.Mode, rsync.Retention) = (RsyncMode.Versions, new Retention()); break;
            case "mirror of a single file": rsync.Source.SingleFile = true; break;
            case "single file as destination": rsync.Destination.SingleFile = true; break;
            case "excluded deleted by a copy": (rsync.Mode, rsync.DeleteExcluded) = (RsyncMode.Copy, true); break;
            case "rsync_path without ssh": rsync.RsyncPath = "sudo rsync"; break;
            case "rsync_path with a shell": (rsync.Source.Ssh, rsync.RsyncPath) = (new SshRemote { Host = "a" }, "sh -c 'rm -rf /'"); break;
            case "share of 101": (rsync.Mode, rsync.MinPercentOfLast) = (RsyncMode.Versions, 101); break;
            case "empty include": rsync.Includes.Add(""); break;
            case "incomplete copy": (rsync.Mode, rsync.KeepIncomplete) = (RsyncMode.Copy, true); break;
            case "interval": spec.Schedule = new Schedule { Every = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(10)) }; break;
            case "empty schedule": spec.Schedule = new Schedule(); break;
            case "broken duration": spec.Timeout = new Duration { Seconds = long.MaxValue }; break;
            case "backoff":
                spec.Retry = new RetryPolicy
                {
                    InitialBackoff = Duration.FromTimeSpan(TimeSpan.FromMinutes(2)),
                    MaxBackoff = Duration.FromTimeSpan(TimeSpan.FromMinutes(1)),
                };
                break;
            case "attempts": spec.Retry = new RetryPolicy { MaxAttempts = 11 }; break;
            case "relative program": spec.Action = new Protocol.V1.Action { Command = new CommandAction { Program = "sh" } }; break;
            case "exit code":
                spec.Action = new Protocol.V1.Action { Command = new CommandAction { Program = "/bin/true", SuccessExitCodes = { 256 } } };
                break;
            case "snapshot as dataset": spec.Action = Snapshot("tank/a@b"); break;
            case "option as dataset": spec.Action = Snapshot("-r"); break;
            case "parent of a dataset": spec.Action = Snapshot("tank/../a"); break;
            case "dataset twice": spec.Action = Snapshot("tank/a b"); break;
            case "no dataset": spec.Action = new Protocol.V1.Action { ZfsSnapshot = new ZfsSnapshotAction() }; break;
            case "list as exclusion":
                spec.Action = Snapshot("tank");
                spec.Action.ZfsSnapshot.Excludes.Add("tank/a,tank/b");
                break;
            case "hook without command":
                spec.Action = Snapshot("tank");
                spec.Action.ZfsSnapshot.Before = new SnapshotHook();
                break;
            case "hook without end":
                spec.Action = Snapshot("tank");
                spec.Action.ZfsSnapshot.After = new SnapshotHook
                {
                    Command = new CommandAction { Program = "/bin/true" },
                    Timeout = Duration.FromTimeSpan(TimeSpan.FromHours(2)),
                };
                break;
            case "volume without group": spec.Action = Volumes("home"); break;
            case "option as volume": spec.Action = Volumes("vg/--all"); break;
            case "parent of a volume": spec.Action = Volumes("vg/.."); break;
            case "volume twice": spec.Action = Volumes("vg/home"); break;
            case "no volume": spec.Action = new Protocol.V1.Action { LvmSnapshot = new LvmSnapshotAction() }; break;
            case "size below nothing":
                spec.Action = Volumes("vg/a");
                spec.Action.LvmSnapshot.ClassicSizeBytes = -1;
                break;
            case "more than full":
                spec.Action = Volumes("vg/a");
                spec.Action.LvmSnapshot.MaxDataPercent = 101;
                break;
            case "nobody's volumes": spec.Action = new Protocol.V1.Action { LvmPrune = new LvmPruneAction { Volumes = { "vg/a" } } }; break;
            case "no volume to prune": spec.Action = new Protocol.V1.Action { LvmPrune = new LvmPruneAction { SnapshotsOf = "a" } }; break;
            case "volumes confirmed for ever": spec.Action = new Protocol.V1.Action { LvmPrune = new LvmPruneAction { Confirmation = "0123456789abcdef" } }; break;
            case "nobody's snapshots": spec.Action = Prune(p => p.SnapshotsOf = "Not A Policy"); break;
            case "nothing to keep": spec.Action = Prune(p => p.Retention.Keep = new KeepRules()); break;
            case "count below all": spec.Action = Prune(p => p.Retention.Keep.Hourly = -2); break;
            case "no zone": spec.Action = Prune(p => p.Retention.TimeZone = "../../etc/passwd"); break;
            case "budget above everything": spec.Action = Prune(p => p.Retention.Budget = new RetentionBudget { MostPercent = 101 }); break;
            case "confirmed for ever": spec.Action = Prune(p => p.Confirmation = "0123456789abcdef"); break;
            case "another time for ever": spec.Action = Prune(p => p.AssumedNow = new Timestamp()); break;
            case "remote mount":
                rsync.Source.Ssh = new SshRemote { Host = "a" };
                rsync.Source.RequiredMount = ByteString.CopyFromUtf8("/srv");
                break;
            default: throw new ArgumentOutOfRangeException(nameof(what), what, null);
        }
    }
}
