using System.Text;
using Fleet.Agent.Guard;
using Fleet.Protocol.V1;
using Google.Protobuf;
using Mono.Unix.Native;

namespace Fleet.Agent.Tests.Guard;

public sealed class FileGuardTests : IDisposable
{
    private readonly TemporaryFolder _etc = new();
    private readonly TemporaryFolder _folder = new();
    private readonly FileGuard _guard;

    public FileGuardTests()
    {
        Directory.CreateDirectory(_folder.File("data/sub"));
        Directory.CreateDirectory(_folder.File("backup"));
        Directory.CreateDirectory(_folder.File("backup-other"));
        Directory.CreateDirectory(_folder.File("secret"));
        File.CreateSymbolicLink(_folder.File("data/out"), _folder.File("secret"));
        File.CreateSymbolicLink(_folder.File("backup/dangling"), _folder.File("secret/new"));
        File.CreateSymbolicLink(_folder.File("backup/loop"), _folder.File("backup/loop"));
        _etc.Write("guard.yaml", $"""
            rsync:
              sources: [{_folder.File("data")}]
              destinations:
                - path: {_folder.File("backup")}
                  allow: [copy, mirror]
                  max_delete: 100
              remotes: [nas1]
              remote_mirrors: [nas2]
            commands:
              - program: /usr/bin/systemctl
                arguments: [restart, "*"]
              - program: /usr/local/bin/tool
                arguments: [run, "**"]
                environment: [MODE]
            zfs:
              - dataset: tank/data
                allow: [snapshot]
              - dataset: tank/thin
                allow: [prune]
                keep_newest: 3
                youngest: 2d
              - dataset: tank/thin/precious
                allow: []
            lvm:
              - volume: vg
                allow: [snapshot]
              - volume: vg/home
                allow: [snapshot, prune]
                keep_newest: 2
                youngest: 1h
            """);
        _guard = new FileGuard(() => _etc.File("guard.yaml"));
    }

    public void Dispose()
    {
        _folder.Dispose();
        _etc.Dispose();
    }

    [Theory]
    [InlineData("data", "backup", RsyncMode.Copy, true, "rsync.destinations")]
    [InlineData("data/sub", "backup/new/deep", RsyncMode.Mirror, true, "rsync.destinations")]
    [InlineData("data", "backup", RsyncMode.Versions, false, "does not allow versions")]
    [InlineData("data", "backup-other", RsyncMode.Copy, false, "no rule of rsync.destinations")]
    [InlineData("secret", "backup", RsyncMode.Copy, false, "no rule of rsync.sources")]
    [InlineData("data/out", "backup", RsyncMode.Copy, false, "is a symbolic link")]
    [InlineData("data/../secret", "backup", RsyncMode.Copy, false, "\"..\"")]
    [InlineData("data", "backup/dangling", RsyncMode.Copy, false, "is a symbolic link")]
    [InlineData("data", "backup/dangling/x", RsyncMode.Copy, false, "is a symbolic link")]
    [InlineData("data", "backup/loop", RsyncMode.Copy, false, "is a symbolic link")]
    [InlineData("data", "backup/x\ny", RsyncMode.Copy, true, "rsync.destinations")]
    [InlineData("data\n", "backup", RsyncMode.Copy, false, "\\x0a")]
    public void Check_LocalPaths_OnlyWhatARuleCovers(string source, string destination, RsyncMode mode, bool allowed, string says)
    {
        var decision = Check(Local(_folder.File(source)), Local(_folder.File(destination)), mode);
        Assert.Equal(allowed, decision.Allowed);
        Assert.Contains(says, $"{decision.Rule} {decision.Message}", StringComparison.Ordinal);
        Assert.DoesNotContain('\n', decision.Message);
        Assert.Contains("guard.yaml", decision.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_PathThatIsNotUtf8_IsTreatedByItsBytes()
    {
        var inside = new RsyncEndpoint { Path = ByteString.CopyFrom([.. Encoding.UTF8.GetBytes(_folder.File("data/")), 0xff, 0xfe]) };
        Assert.True(Check(inside, Local(_folder.File("backup")), RsyncMode.Copy).Allowed);
        var outside = new RsyncEndpoint { Path = ByteString.CopyFrom([.. Encoding.UTF8.GetBytes(_folder.File("data")), 0xff]) };
        var refused = Check(outside, Local(_folder.File("backup")), RsyncMode.Copy);
        Assert.False(refused.Allowed);
        Assert.Contains("\\xff", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_Refused_NamesTheRuleWithItsLine()
    {
        var decision = Check(Local(_folder.File("data")), Local(_folder.File("backup")), RsyncMode.Versions);
        Assert.Contains("guard.yaml:4:", decision.Rule, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, true, 100)]
    [InlineData(50, true, 100)]
    [InlineData(101, false, 0)]
    public void Check_MaxDelete_IsNeverAboveTheRule(long asked, bool allowed, long limit)
    {
        var action = Rsync(Local(_folder.File("data")), Local(_folder.File("backup")), RsyncMode.Mirror);
        action.Rsync.MaxDelete = asked;
        var decision = _guard.Check(action);
        Assert.Equal(allowed, decision.Allowed);
        if (allowed)
        {
            Assert.Equal(limit, decision.MaxDelete);
        }
    }

    [Theory]
    [InlineData("", 7, 0)]
    [InlineData("\n      keep_newest: 3\n      youngest: 2d", 3, 2)]
    public void Check_DatedTrees_HaveTheRulesFloor(string keys, int floor, int days)
    {
        _etc.Write("guard.yaml", $"rsync:\n  sources: [{_folder.File("data")}]\n  destinations:\n    - path: {_folder.File("backup")}\n      allow: [versions]{keys}\n");

        var decision = Check(Local(_folder.File("data")), Local(_folder.File("backup")), RsyncMode.Versions);

        Assert.True(decision.Allowed, decision.Message);
        Assert.Equal((floor, TimeSpan.FromDays(days)), (decision.Versions.Floor, decision.Versions.YoungestAge));
    }

    [Theory]
    [InlineData("nas1", "sudo rsync", true)]
    [InlineData("nas1", "sudo -u root rsync", false)]
    [InlineData("nas2", "sudo rsync", false)]
    public void Check_RsyncPath_MustBeListedForThatHost(string host, string path, bool allowed)
    {
        _etc.Write("guard.yaml", $"rsync:\n  sources: [{_folder.File("data")}]\n  remotes: [nas1, nas2]\n  rsync_paths:\n    - host: nas1\n      allow: [sudo rsync]\n");
        var remote = new RsyncEndpoint { Path = ByteString.CopyFromUtf8("/x"), Ssh = new SshRemote { Host = host } };
        var action = Rsync(Local(_folder.File("data")), remote, RsyncMode.Copy);
        Assert.True(_guard.Check(action).Allowed);

        action.Rsync.RsyncPath = path;

        Assert.Equal(allowed, _guard.Check(action).Allowed);
    }

    [Theory]
    [InlineData("nas1", RsyncMode.Copy, true)]
    [InlineData("nas1", RsyncMode.Mirror, false)]
    [InlineData("nas2", RsyncMode.Mirror, false)]
    [InlineData("evil", RsyncMode.Copy, false)]
    public void Check_RemoteDestination_HostMustBeListed(string host, RsyncMode mode, bool allowed)
    {
        var remote = new RsyncEndpoint { Path = ByteString.CopyFromUtf8("/x"), Ssh = new SshRemote { Host = host } };
        Assert.Equal(allowed, Check(Local(_folder.File("data")), remote, mode).Allowed);
    }

    [Theory]
    [InlineData("/usr/bin/systemctl", "restart nginx", true)]
    [InlineData("/usr/bin/systemctl", "restart --root=/x", false)]
    [InlineData("/usr/bin/systemctl", "stop nginx", false)]
    [InlineData("/usr/bin/systemctl", "restart", false)]
    [InlineData("/usr/bin/systemctl", "restart a b", false)]
    [InlineData("/usr/bin/../bin/systemctl", "restart nginx", false)]
    [InlineData("/usr/local/bin/tool", "run", true)]
    [InlineData("/usr/local/bin/tool", "run a b c", true)]
    [InlineData("/bin/sh", "-c id", false)]
    public void Check_Command_OnlyListedProgramsAndArguments(string program, string arguments, bool allowed)
    {
        var command = new CommandAction { Program = program };
        command.Arguments.AddRange(arguments.Split(' '));
        Assert.Equal(allowed, _guard.Check(new Protocol.V1.Action { Command = command }).Allowed);
    }

    [Fact]
    public void Check_CommandEnvironment_OnlyListedVariables()
    {
        var command = new CommandAction { Program = "/usr/local/bin/tool", Arguments = { "run" }, Environment = { ["MODE"] = "x" } };
        Assert.True(_guard.Check(new Protocol.V1.Action { Command = command }).Allowed);
        command.Environment["LD_PRELOAD"] = "/tmp/evil.so";
        var refused = _guard.Check(new Protocol.V1.Action { Command = command });
        Assert.False(refused.Allowed);
        Assert.Contains("LD_PRELOAD", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tank/data", true)]
    [InlineData("tank/data/deep/er", true)]
    [InlineData("tank/database", false)]
    [InlineData("tank", false)]
    [InlineData("backup", false)]
    public void Check_ZfsSnapshot_OnlyListedDatasets(string dataset, bool allowed)
    {
        var action = new ZfsSnapshotAction { Datasets = { "tank/data", dataset }, Recursive = true };
        var decision = _guard.Check(new Protocol.V1.Action { ZfsSnapshot = action });
        Assert.Equal(allowed, decision.Allowed);
        Assert.Contains(
            allowed ? "guard.yaml:16: zfs: tank/data allows snapshot" : "guard.yaml: zfs, default deny",
            decision.Rule,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/usr/local/bin/tool", true)]
    [InlineData("/bin/sh", false)]
    public void Check_SnapshotHooks_AreCommandsLikeOthers(string program, bool allowed)
    {
        var hook = new SnapshotHook { Command = new CommandAction { Program = program, Arguments = { "run" } } };
        var before = new ZfsSnapshotAction { Datasets = { "tank/data" }, Before = hook };
        var after = new ZfsSnapshotAction { Datasets = { "tank/data" }, After = hook };
        Assert.Equal(allowed, _guard.Check(new Protocol.V1.Action { ZfsSnapshot = before }).Allowed);
        Assert.Equal(allowed, _guard.Check(new Protocol.V1.Action { ZfsSnapshot = after }).Allowed);
        Assert.Equal(
            allowed,
            _guard
                .Check(
                    new Protocol.V1.Action
                    {
                        LvmSnapshot = new LvmSnapshotAction { Volumes = { "vg/home" }, Before = hook },
                    })
                .Allowed);
        Assert.Equal(
            allowed,
            _guard
                .Check(
                    new Protocol.V1.Action
                    {
                        LvmSnapshot = new LvmSnapshotAction { Volumes = { "vg/home" }, After = hook },
                    })
                .Allowed);
    }

    [Theory]
    [InlineData("tank/data", false, "guard.yaml:16: zfs: tank/data allows snapshot")]
    [InlineData("tank/thin", true, "guard.yaml:18: zfs: tank/thin allows prune, keep_newest 3, youngest 2d")]
    [InlineData("tank/thin/precious/x", false, "guard.yaml:22: zfs: tank/thin/precious allows nothing")]
    [InlineData("tank/thinner", false, "guard.yaml: zfs, default deny")]
    public void Check_ZfsPrune_NearestRuleDecides(string dataset, bool allowed, string rule)
    {
        var decision = _guard.Check(new Protocol.V1.Action { ZfsPrune = new ZfsPruneAction { Datasets = { dataset } } });

        Assert.Equal(allowed, decision.Allowed);
        Assert.Contains(rule, decision.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_ZfsPrune_CarriesWhatMustSurvive()
    {
        var decision = _guard.Check(new Protocol.V1.Action { ZfsPrune = new ZfsPruneAction { Datasets = { "tank/thin" } } });

        Assert.Equal(
            (3, TimeSpan.FromDays(2)),
            (decision.Storage.Nearest("tank/thin/x")!.KeepNewest, decision.Storage.Nearest("tank/thin/x")!.YoungestAge));
        Assert.NotNull(decision.Storage.Refusal("prune", "tank/thin/precious"));
    }

    [Theory]
    [InlineData("vg/home", true, "lvm: vg/home allows snapshot, prune, keep_newest 2, youngest 1h")]
    [InlineData("vg/homes", false, "lvm: vg allows snapshot")]
    [InlineData("vg2/home", false, "guard.yaml: lvm, default deny")]
    [InlineData("tank/thin", false, "guard.yaml: lvm, default deny")]
    public void Check_LvmPrune_NearestRuleDecides(string volume, bool allowed, string rule)
    {
        var decision = _guard.Check(new Protocol.V1.Action { LvmPrune = new LvmPruneAction { Volumes = { volume } } });

        Assert.Equal(allowed, decision.Allowed);
        Assert.Contains(rule, decision.Rule, StringComparison.Ordinal);
        Assert.Equal(allowed ? 2 : null, decision.Storage.Nearest(volume)?.KeepNewest);
    }

    [Theory]
    [InlineData("vg/anything", true)]
    [InlineData("vg2/home", false)]
    public void Check_LvmSnapshot_OnlyListedVolumes(string volume, bool allowed)
    {
        Assert.Equal(
            allowed,
            _guard.Check(new Protocol.V1.Action { LvmSnapshot = new LvmSnapshotAction { Volumes = { "vg/home", volume } } }).Allowed);
        Assert.False(_guard.Check(new Protocol.V1.Action { LvmSnapshot = new LvmSnapshotAction() }).Allowed);
    }

    [Theory]
    [InlineData("{volume: vg/home/x, allow: []}", "must be the name of a volume group")]
    [InlineData("{volume: -vg, allow: []}", "must be the name of a volume group")]
    [InlineData("{volume: vg, allow: [prune]}", "keep_newest: is required where prune is allowed")]
    [InlineData("{volume: vg, allow: []}, {volume: vg, allow: []}", "named twice")]
    public void Check_LvmRuleThatMakesNoSense_EverythingIsRefused(string rules, string problem)
    {
        _etc.Write("guard.yaml", $"lvm: [{rules}]\n");

        Assert.Contains(
            problem,
            _guard.Check(new Protocol.V1.Action { LvmSnapshot = new LvmSnapshotAction { Volumes = { "vg/home" } } }).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("allow: [prune], keep_newest: 3", "youngest: is required where prune is allowed")]
    [InlineData("allow: [prune], youngest: 1d", "keep_newest: is required where prune is allowed")]
    [InlineData("allow: [prune], keep_newest: 0, youngest: 1d", "keep_newest: must be")]
    [InlineData("allow: [destroy]", "must be one of snapshot, prune")]
    [InlineData("keep_newest: 3", "allow: is required")]
    public void Check_ZfsRuleThatSaysTooLittle_EverythingIsRefused(string rule, string problem)
    {
        _etc.Write("guard.yaml", $"zfs:\n  - {{dataset: tank, {rule}}}\n");

        var decision = _guard.Check(new Protocol.V1.Action { ZfsPrune = new ZfsPruneAction { Datasets = { "tank" } } });

        Assert.False(decision.Allowed);
        Assert.Contains(problem, decision.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_TwoZfsRulesForOneDataset_EverythingIsRefused()
    {
        _etc.Write("guard.yaml", "zfs:\n  - {dataset: tank, allow: [snapshot]}\n  - {dataset: tank, allow: []}\n");

        Assert.Contains(
            "named twice",
            _guard.Check(new Protocol.V1.Action { ZfsSnapshot = new ZfsSnapshotAction { Datasets = { "tank" } } }).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Check_ZfsSnapshotOfNothing_IsRefused() =>
        Assert.False(_guard.Check(new Protocol.V1.Action { ZfsSnapshot = new ZfsSnapshotAction() }).Allowed);

    [Fact]
    public void Check_FileOfAnotherUser_EverythingIsRefusedAndNamesTheUser()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root");
        Assert.Equal(0, Syscall.lchown(_etc.File("guard.yaml"), 65534, 0));
        AssertRefused("belongs to user nobody (65534), not to root");
        Assert.Equal(0, Syscall.lchown(_etc.File("guard.yaml"), 0, 0));
        Assert.Equal(0, Syscall.lchown(_etc.Path, 4_000_000_000, 0));
        AssertRefused("belongs to user 4000000000, not to root");
    }

    [Fact]
    public void Check_UntrustedFile_EverythingIsRefusedAndSaysWhatToDo()
    {
        File.SetUnixFileMode(_etc.File("guard.yaml"), (UnixFileMode)0b110_010_000);
        AssertRefused("chmod go-w");
        _etc.Write("guard.yaml", "rsync: {sorces: [/]}");
        File.SetUnixFileMode(_etc.Path, (UnixFileMode)0b111_111_111);
        AssertRefused("chmod go-w");
        File.SetUnixFileMode(_etc.Path, (UnixFileMode)0b111_000_000);
        AssertRefused("did you mean sources");
        _etc.Write("guard.yaml", "rsync: [\n");
        AssertRefused("everything is refused");
        File.Delete(_etc.File("guard.yaml"));
        AssertRefused("there is no guard file");
        _folder.Write("other.yaml", "");
        File.CreateSymbolicLink(_etc.File("guard.yaml"), _folder.File("other.yaml"));
        AssertRefused("not a regular file");
    }

    [Theory]
    [InlineData("retention: {accept_clock: true}", "")]
    [InlineData("retention: {accept_clock: false}", "does not allow accept_clock")]
    [InlineData("retention: {}", "does not allow accept_clock")]
    [InlineData("", "does not allow accept_clock")]
    [InlineData("retention: {accept_clock: maybe}", "accept_clock")]
    [InlineData("retention: {accept_clocks: true}", "did you mean accept_clock")]
    public void Check_ClockAccept_OnlyWhereItIsAllowed(string content, string problem)
    {
        _etc.Write("guard.yaml", $"{content}\n");

        var decision = _guard.Check(new Protocol.V1.Action { ClockAccept = new ClockAcceptAction { DryRun = true } });

        Assert.Equal(problem.Length == 0, decision.Allowed);
        Assert.Equal(problem.Length == 0 ? ["clock.accept"] : [], _guard.AllowedActions());
        Assert.Contains(problem, decision.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_UnknownAction_IsRefused() => Assert.False(_guard.Check(new Protocol.V1.Action()).Allowed);

    [Fact]
    public void AllowedActions_FollowTheRules() =>
        Assert.Equal(["rsync", "command", "zfs.snapshot", "zfs.prune", "lvm.snapshot", "lvm.prune"], _guard.AllowedActions());

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Check_TheGuardFilesFolderWithoutARule_IsNotAskedFor(bool asSource)
    {
        var own = Local(_etc.Path);
        var message = (
            asSource ? Check(own, Local(_folder.File("backup")), RsyncMode.Copy) : Check(Local(_folder.File("data")), own, RsyncMode.Copy)
        ).Message;

        Assert.Contains("outside every rule", message, StringComparison.Ordinal);
        Assert.DoesNotContain("add it", message, StringComparison.Ordinal);
    }

    private GuardDecision Check(RsyncEndpoint source, RsyncEndpoint destination, RsyncMode mode) =>
        _guard.Check(Rsync(source, destination, mode));

    private static RsyncEndpoint Local(string path) => new() { Path = ByteString.CopyFromUtf8(path) };

    private static Protocol.V1.Action Rsync(RsyncEndpoint source, RsyncEndpoint destination, RsyncMode mode) =>
        new() { Rsync = new RsyncAction { Source = source, Destination = destination, Mode = mode } };

    private void AssertRefused(string says)
    {
        var decision = Check(Local(_folder.File("data")), Local(_folder.File("backup")), RsyncMode.Copy);
        Assert.False(decision.Allowed);
        Assert.Contains(says, decision.Message, StringComparison.Ordinal);
    }
}
