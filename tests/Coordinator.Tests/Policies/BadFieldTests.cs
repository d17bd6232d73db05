using Fleet.Coordinator.Policies;
using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.Tests.Policies;

/// <summary>Each field that may be wrong, named by its path.</summary>
public sealed class BadFieldTests
{
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
        { "rsync confirmed beforehand", "policies[0].action.rsync.confirmation" },
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
        { "volumes confirmed beforehand", "policies[0].action.lvm_prune.confirmation" },
        { "nobody's snapshots", "policies[0].action.zfs_prune.snapshots_of" },
        { "nothing to keep", "policies[0].action.zfs_prune.retention.keep" },
        { "count below all", "policies[0].action.zfs_prune.retention.keep.hourly" },
        { "no zone", "policies[0].action.zfs_prune.retention.time_zone" },
        { "budget above everything", "policies[0].action.zfs_prune.retention.budget.most_percent" },
        { "confirmed beforehand", "policies[0].action.zfs_prune.confirmation" },
        { "another time beforehand", "policies[0].action.zfs_prune.assumed_now" },
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

    private static Protocol.V1.Action Snapshot(string second) =>
        new() { ZfsSnapshot = new ZfsSnapshotAction { Datasets = { "tank/a b", second } } };

    private static Protocol.V1.Action Volumes(string second) =>
        new() { LvmSnapshot = new LvmSnapshotAction { Volumes = { "vg/home", second } } };

    private static Protocol.V1.Action Prune(System.Action<ZfsPruneAction> change)
    {
        var retention = new Retention { Keep = new KeepRules { Daily = 7 } };
        var prune = new ZfsPruneAction { Datasets = { "tank" }, SnapshotsOf = "hourly-data", Retention = retention };
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
            case "destination inside the source":
                rsync.Destination.Path = ByteString.CopyFrom([.. rsync.Source.Path.Span, .. "/copy"u8]);
                break;
            case "rsync confirmed beforehand": rsync.Confirmation = "0123456789abcdef"; break;
            case "keep and keep_versions":
                (rsync.Mode, rsync.KeepVersions) = (RsyncMode.Versions, 3);
                rsync.Retention = new Retention { Keep = new KeepRules { Daily = 7 } };
                break;
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
            case "volumes confirmed beforehand":
                spec.Action = new Protocol.V1.Action { LvmPrune = new LvmPruneAction { Confirmation = "0123456789abcdef" } };
                break;
            case "nobody's snapshots": spec.Action = Prune(p => p.SnapshotsOf = "Not A Policy"); break;
            case "nothing to keep": spec.Action = Prune(p => p.Retention.Keep = new KeepRules()); break;
            case "count below all": spec.Action = Prune(p => p.Retention.Keep.Hourly = -2); break;
            case "no zone": spec.Action = Prune(p => p.Retention.TimeZone = "../../etc/passwd"); break;
            case "budget above everything": spec.Action = Prune(p => p.Retention.Budget = new RetentionBudget { MostPercent = 101 }); break;
            case "confirmed beforehand": spec.Action = Prune(p => p.Confirmation = "0123456789abcdef"); break;
            case "another time beforehand": spec.Action = Prune(p => p.AssumedNow = new Timestamp()); break;
            case "remote mount":
                rsync.Source.Ssh = new SshRemote { Host = "a" };
                rsync.Source.RequiredMount = ByteString.CopyFromUtf8("/srv");
                break;
            default: throw new ArgumentOutOfRangeException(nameof(what), what, null);
        }
    }
}
