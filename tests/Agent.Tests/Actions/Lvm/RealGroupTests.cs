using Fleet.Agent.Actions.Lvm;
using Fleet.Agent.Guard;
using Fleet.Agent.Lvm;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Actions.Lvm;

/// <summary>Snapshots and their pruning on a real volume group.</summary>
public sealed class RealGroupTests : IDisposable
{
    private const string Name = "fleet_nightly_20261120T205500Z";
    private readonly RealGroup _group = new();
    private readonly PruneHost _host = new();

    public RealGroupTests() => _host.Clock.Advance(TimeProvider.System.GetUtcNow().AddMinutes(1) - TestRun.Instant);

    public void Dispose()
    {
        _group.Dispose();
        _host.Dispose();
    }

    [Fact]
    public async Task Snapshot_ThinAndClassic_AreMadeOnceAndHoldWhatWasThere()
    {
        RealGroup.Shell($"echo before | tee {_group.MountPoint}/vol/file {_group.MountPoint}/home/file; sync -f {_group.MountPoint}/vol; sync -f {_group.MountPoint}/home");
        var runId = Guid.NewGuid().ToString("N");

        var first = await SnapshotAsync(runId);
        RealGroup.Shell($"echo after | tee {_group.MountPoint}/vol/file {_group.MountPoint}/home/file; sync -f {_group.MountPoint}/vol; sync -f {_group.MountPoint}/home");
        var second = await SnapshotAsync(runId, attempt: 2);

        Assert.True(first.Outcome == ActionOutcome.Succeeded, first.Message);
        Assert.Equal(first.LvmSnapshot, second.LvmSnapshot);
        Assert.Equal($"home.{Name} vol.{Name}", _group.Snapshots);
        Assert.Equal(
            $"fleet,fleet.policy=nightly,fleet.run={runId} skip activation ",
            RealGroup.Shell(
                $"lvs --noheadings --separator ' ' -o lv_tags,lv_skip_activation,lv_active {_group.Name}/vol.{Name} | sed 's/^ *//'"));
        RealGroup.Shell($"lvchange -ay -K {_group.Name}/vol.{Name}; mkdir -p {_group.MountPoint}/a {_group.MountPoint}/b");
        RealGroup.Shell($"mount -o ro,noload /dev/{_group.Name}/vol.{Name} {_group.MountPoint}/a && mount -o ro,noload /dev/{_group.Name}/home.{Name} {_group.MountPoint}/b");
        Assert.Equal("before\nbefore", RealGroup.Shell($"cat {_group.MountPoint}/a/file {_group.MountPoint}/b/file"));
    }

    [Fact]
    public async Task Snapshot_TwoRunsOfOneSecond_BothGetTheirs()
    {
        await SnapshotAsync(Guid.NewGuid().ToString("N"));

        var second = await SnapshotAsync("1846a328cf9540b68137b0507d35680c");

        Assert.Equal(
            [$"{_group.Name}/vol.{Name}-1846a328", $"{_group.Name}/home.{Name}-1846a328"],
            second.LvmSnapshot.Snapshots.Select(s => s.Name));
    }

    [Fact]
    public async Task Snapshot_PoolThatIsTooFull_IsNotMadeAndTheNumbersAreSaid()
    {
        RealGroup.Shell($"dd if=/dev/urandom of={_group.MountPoint}/vol/big bs=1M count=120 oflag=direct status=none");

        var full = await SnapshotAsync(Guid.NewGuid().ToString("N"), a => a.MaxDataPercent = 20);
        var room = await SnapshotAsync(Guid.NewGuid().ToString("N"), a => a.ClassicSizeBytes = 4L << 30);

        Assert.Matches(@"data 3\d(\.\d+)? %, metadata \d+(\.\d+)? %; no snapshots past 20 % and 70 %", full.Message);
        Assert.Contains("4GiB needed for 1 classic snapshot", room.Message, StringComparison.Ordinal);
        Assert.Equal("", _group.Snapshots);
    }

    [Fact]
    public async Task Prune_BesideWhatMustStay_TakesOnlyItsOwn()
    {
        Make("vol", "old", "fleet.policy=nightly");
        Make("vol", "open", "fleet.policy=nightly");
        Make("vol", "parent", "fleet.policy=nightly");
        Make("vol", "foreign", "");
        Make("vol", "other", "fleet.policy=other");
        RealGroup.Shell($"lvcreate -q -s -n child {_group.Name}/parent");
        RealGroup.Shell($"lvchange -ay -K {_group.Name}/open && mkdir -p {_group.MountPoint}/a && mount -o ro,noload /dev/{_group.Name}/open {_group.MountPoint}/a");
        RealGroup.Shell($"lvchange --addtag fleet --addtag fleet.policy=nightly --addtag fleet.run={PretendGroup.Run} {_group.Name}/vol {_group.Name}/home");
        RealGroup.NextSecond();
        Make("vol", "newest", "fleet.policy=nightly");

        var explained = await PruneAsync(a => a.DryRun = true);
        Assert.Equal("child foreign newest old open other parent", _group.Snapshots);
        var result = await PruneAsync();

        Assert.Equal([$"{_group.Name}/old"], explained.LvmPrune.Decisions.Where(d => d.Destroy).Select(d => d.Name));
        Assert.True(result.Outcome == ActionOutcome.Succeeded, result.Message);
        Assert.Equal("child foreign newest open other parent", _group.Snapshots);
        Assert.Equal("2", RealGroup.Shell($"lvs --noheadings -o lv_name {_group.Name}/vol {_group.Name}/home | wc -l"));
    }

    [Fact]
    public async Task Protect_ThinAndClassic_StayUntilTheyAreLetGo()
    {
        Make("vol", "old", "fleet.policy=nightly");
        Make("home", "h0", "fleet.policy=nightly", "-L 12M");
        RealGroup.NextSecond();
        Make("vol", "newest", "fleet.policy=nightly");
        Make("home", "h1", "fleet.policy=nightly", "-L 12M");

        LvmSnapshotRef[] old = [Ref("old"), Ref("h0")];
        await ProtectTwiceAsync(release: false, old);
        await PruneAsync(a => a.Volumes.Add($"{_group.Name}/home"));
        var kept = _group.Snapshots;
        await ProtectTwiceAsync(release: true, old);
        await PruneAsync(a => a.Volumes.Add($"{_group.Name}/home"));

        Assert.Equal("h0 h1 newest old", kept);
        Assert.Equal("h1 newest", _group.Snapshots);
    }

    [Fact]
    public async Task Protect_NameOfAnotherByNow_ChangesNothing()
    {
        Make("vol", "old", "fleet.policy=nightly");
        var before = Ref("old");
        RealGroup.Shell($"lvremove -q -y {_group.Name}/old");
        Make("vol", "old", "fleet.policy=nightly");

        // What lvchange itself makes of it, too: the last moment is its own.
        var arguments = LvmCommands.SetTag(_group.Name, "old", before.Uuid, LvmTags.Protected, remove: false);
        RealGroup.Shell($"lvchange {string.Join(' ', arguments.Select(a => a.ToString()))}");

        Assert.Equal(ActionOutcome.Failed, (await ProtectAsync(release: false, before)).Outcome);
        Assert.DoesNotContain(
            "fleet.protected", RealGroup.Shell($"lvs --noheadings -o lv_tags {_group.Name}/old"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prune_Merging_Stays()
    {
        Make("vol", "merging", "fleet.policy=nightly");
        RealGroup.NextSecond();
        Make("vol", "newest", "fleet.policy=nightly");
        RealGroup.Shell($"lvconvert --merge {_group.Name}/merging >/dev/null 2>&1");

        var result = await PruneAsync();
        var snapshot = await SnapshotAsync(Guid.NewGuid().ToString("N"));

        Assert.Equal((ActionOutcome.Succeeded, 0L), (result.Outcome, result.LvmPrune.DestroyedTotal));
        Assert.Contains("is being merged into", snapshot.Message, StringComparison.Ordinal);
        Assert.Equal("merging", RealGroup.Shell($"lvs -a --noheadings -o lv_merging {_group.Name} | tr -d ' \\n'"));
    }

    [Fact]
    public async Task Prune_ClassicSnapshots_GoWhileTheirOriginIsMounted()
    {
        Make("home", "h0", "fleet.policy=nightly", "-L 12M");
        RealGroup.NextSecond();
        Make("home", "h1", "fleet.policy=nightly", "-L 12M");

        var result = await PruneAsync(a => a.Volumes[0] = $"{_group.Name}/home");

        Assert.True(result.Outcome == ActionOutcome.Succeeded, result.Message);
        Assert.Equal("h1", _group.Snapshots);
    }

    [Fact]
    public void Remove_NameAndUuidThatDoNotFit_RemovesNothing()
    {
        Make("vol", "a", "");
        Make("vol", "b", "");
        var uuid = RealGroup.Shell($"lvs --noheadings -o lv_uuid {_group.Name}/a | tr -d ' '");

        var wrong = string.Join(' ', LvmCommands.Remove(_group.Name, "b", uuid).Select(a => a.ToString()));
        var right = string.Join(' ', LvmCommands.Remove(_group.Name, "a", uuid).Select(a => a.ToString()));
        RealGroup.Shell($"lvremove {wrong}");
        Assert.Equal("a b", _group.Snapshots);
        RealGroup.Shell($"lvremove {right}");
        Assert.Equal("b", _group.Snapshots);
    }

    private LvmSnapshotRef Ref(string name) =>
        new() { Name = $"{_group.Name}/{name}", Uuid = RealGroup.Shell($"lvs --noheadings -o lv_uuid {_group.Name}/{name} | tr -d ' '") };

    private async Task ProtectTwiceAsync(bool release, params LvmSnapshotRef[] snapshots)
    {
        for (var i = 0; i < 2; i++)
        {
            var result = await ProtectAsync(release, snapshots);

            Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
            Assert.Equal(snapshots.Select(s => s.Name), result.LvmProtect.Snapshots);
            Assert.All(snapshots, s =>
                Assert.Equal(
                    !release,
                    RealGroup.Shell($"lvs --noheadings -o lv_tags {s.Name}").Contains(LvmTags.Protected, StringComparison.Ordinal)));
        }
    }

    private Task<ActionResult> ProtectAsync(bool release, params LvmSnapshotRef[] snapshots)
    {
        var rules = new StorageRules("guard.yaml", "lvm", [new StorageRule(_group.Name, ["hold"], 1, TimeSpan.Zero, "rule")]);
        var context = TestRun.For(
            new Protocol.V1.Action
            {
                LvmProtect = new LvmProtectAction { Snapshots = { snapshots }, Release = release },
            });
        return new LvmProtectRun().RunAsync(
            context with
            {
                Guard = context.Guard with { Storage = rules },
            },
            TestContext.Current.CancellationToken);
    }

    private void Make(string volume, string name, string policyTag, string more = "")
    {
        var tags = policyTag.Length > 0 ? $"--addtag fleet --addtag {policyTag} --addtag fleet.run={PretendGroup.Run}" : "";
        RealGroup.Shell($"lvcreate -q -s -n {name} {more} {tags} {_group.Name}/{volume}");
    }

    private Task<ActionResult> SnapshotAsync(string runId, Action<LvmSnapshotAction>? change = null, int attempt = 1)
    {
        var action = new LvmSnapshotAction { Volumes = { $"{_group.Name}/vol", $"{_group.Name}/home" }, ClassicSizeBytes = 20 << 20 };
        change?.Invoke(action);
        return new LvmSnapshotRun().RunAsync(
            TestRun.For(new Protocol.V1.Action { LvmSnapshot = action }, runId: runId, attempt: attempt),
            TestContext.Current.CancellationToken);
    }

    private Task<ActionResult> PruneAsync(Action<LvmPruneAction>? change = null)
    {
        var action = new LvmPruneAction
        {
            Volumes = { $"{_group.Name}/vol" },
            SnapshotsOf = "nightly",
            Retention = new Protocol.V1.Retention { Keep = new KeepRules { Last = 1 }, Budget = new RetentionBudget { MostPercent = 100 } },
        };
        change?.Invoke(action);
        var rules = new StorageRules("guard.yaml", "lvm", [new StorageRule(_group.Name, ["prune"], 1, TimeSpan.Zero, "rule")]);
        var context = TestRun.For(new Protocol.V1.Action { LvmPrune = action });
        return new LvmPruneRun(_host.RetentionClock, () => Assigned.Of(_host.Assignment)).RunAsync(
            context with { Policy = "thin", Guard = context.Guard with { Storage = rules } }, TestContext.Current.CancellationToken);
    }
}
