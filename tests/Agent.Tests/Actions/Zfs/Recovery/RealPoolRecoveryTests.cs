using Fleet.Agent.Actions;
using Fleet.Agent.Actions.Zfs.Recovery;
using Fleet.Agent.Actions.Zfs.Scrub;
using Fleet.Agent.Guard;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Actions.Zfs.Recovery;

/// <summary>Scrubs, holds, rollbacks and clones on a real pool, and what must not be touched by them.</summary>
public sealed class RealPoolRecoveryTests : IDisposable
{
    private const string SuspendScans = "/sys/module/zfs/parameters/zfs_scan_suspend_progress";
    private readonly RealPool _pool = new();

    public RealPoolRecoveryTests() => RealPool.Shell($"zfs create {Data} && zfs create {Data}/below");

    private string Data => $"{_pool.Name}/data";

    private string File => $"{_pool.MountPoint}/data/file";

    public void Dispose()
    {
        RealPool.Shell($"echo 0 > {SuspendScans}");
        _pool.Dispose();
    }

    [Fact]
    public async Task Scrub_SoundPool_IsFollowedToItsEnd()
    {
        RealPool.Shell($"head -c 20000000 /dev/urandom > {File}");

        var result = await ScrubAsync();

        var pool = Assert.Single(result.ZfsScrub.Pools);
        Assert.Equal((ActionOutcome.Succeeded, ZfsScrubState.Finished, 0L, 0L), (result.Outcome, pool.State, pool.Errors, pool.DataErrors));
    }

    [Fact]
    public async Task Scrub_DamagedDisk_FailsAndNamesTheDevice()
    {
        RealPool.Shell($"yes to-be-damaged | head -c 20000000 > {File} && zpool sync {_pool.Name} && zpool export {_pool.Name}");
        Damage(_pool.Disk);
        RealPool.Shell($"zpool import -d {Path.GetDirectoryName(_pool.Disk)} {_pool.Name}");

        var result = await ScrubAsync();

        var pool = Assert.Single(result.ZfsScrub.Pools);
        Assert.Equal((ActionOutcome.Failed, ZfsScrubState.Finished), (result.Outcome, pool.State));
        Assert.True(pool.Errors > 0 && pool.DataErrors > 0, result.Message);
        Assert.Contains(_pool.Disk, pool.Devices);
    }

    [Fact]
    public async Task Scrub_Cancelled_IsPausedAndTheNextGoesOn()
    {
        RealPool.Shell($"head -c 50000000 /dev/urandom > {File} && zpool sync {_pool.Name} && echo 1 > {SuspendScans}");
        using var cancel = new CancellationTokenSource();
        var log = new RecordingLog { OnProgress = _ => cancel.Cancel() };

        var first = await ScrubAsync(log: log, cancellationToken: cancel.Token);
        var status = RealPool.Shell($"zpool status {_pool.Name}");
        RealPool.Shell($"echo 0 > {SuspendScans}");
        var second = await ScrubAsync();

        Assert.Equal((ActionOutcome.Cancelled, ZfsScrubState.Paused), (first.Outcome, Assert.Single(first.ZfsScrub.Pools).State));
        Assert.Contains("scrub paused", status, StringComparison.Ordinal);
        Assert.Equal((ActionOutcome.Succeeded, ZfsScrubState.Finished), (second.Outcome, Assert.Single(second.ZfsScrub.Pools).State));
    }

    [Fact]
    public async Task Scrub_UnknownPool_Fails()
    {
        var result = await ScrubAsync(a =>
        {
            a.Pools.Clear();
            a.Pools.Add("nosuch");
        });

        Assert.Equal(ActionOutcome.Failed, result.Outcome);
        Assert.Contains("no such pool", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hold_AndRelease_TwiceEach()
    {
        var snapshot = Snapshot("1");

        foreach (var release in new[] { false, false, true, true })
        {
            var result = await HoldAsync(snapshot, a => a.Release = release);

            Assert.Equal((ActionOutcome.Succeeded, snapshot.Name), (result.Outcome, Assert.Single(result.ZfsHold.Snapshots)));
            Assert.Equal(release ? "" : "fleet:protect", RealPool.Shell($"zfs holds -H {snapshot.Name} | cut -f 2"));
        }
    }

    [Fact]
    public async Task Hold_NameOfAnotherByNow_ChangesNothing()
    {
        var snapshot = Snapshot("1");
        RealPool.Shell($"zfs destroy {snapshot.Name} && zfs snapshot {snapshot.Name}");

        Assert.Equal(ActionOutcome.Failed, (await HoldAsync(snapshot)).Outcome);
        Assert.Equal("", RealPool.Shell($"zfs holds -H {snapshot.Name}"));
    }

    [Theory]
    [InlineData("keep")]
    [InlineData("fleet:to:offsite")]
    public async Task Hold_TagsOfOthers_CannotBeReleased(string tag)
    {
        var snapshot = Snapshot("1");
        RealPool.Shell($"zfs hold {tag} {snapshot.Name}");

        Assert.Equal(ActionOutcome.Failed, (await HoldAsync(snapshot, a => (a.Release, a.Tag) = (true, tag))).Outcome);
        Assert.Equal(tag, RealPool.Shell($"zfs holds -H {snapshot.Name} | cut -f 2"));
    }

    [Fact]
    public async Task Rollback_ToTheNewest_PutsItBack()
    {
        RealPool.Shell($"echo before > {File}");
        var snapshot = Snapshot("1");
        RealPool.Shell($"echo after > {File}; echo stays > {_pool.MountPoint}/data/below/file; zpool sync {_pool.Name}");

        var plan = await RollbackAsync(snapshot, a => a.DryRun = true);
        var after = RealPool.Shell($"cat {File}");
        var result = await RollbackAsync(snapshot);

        Assert.Equal((ActionOutcome.Succeeded, "after"), (plan.Outcome, after));
        Assert.True(plan.ZfsRollback.LostBytes > 0);
        Assert.Equal(ActionOutcome.Succeeded, result.Outcome);
        Assert.Equal("before stays", RealPool.Shell($"echo $(cat {File} {_pool.MountPoint}/data/below/file)"));
    }

    [Fact]
    public async Task Rollback_NewerOnes_DieOnlyWhenEachIsNamed()
    {
        var goal = Snapshot("1");
        var (second, third) = (Snapshot("2"), Snapshot("3"));
        RealPool.Shell($"zfs bookmark {third.Name} {Data}#3");
        var bookmark = new ZfsSnapshotRef { Name = $"{Data}#3", Guid = third.Guid };

        var unnamed = await RollbackAsync(goal, a => a.Destroy.Add([second, bookmark]));
        Assert.Equal(ActionOutcome.Failed, unnamed.Outcome);
        Assert.Contains(third.Name, unnamed.Message, StringComparison.Ordinal);
        Assert.Equal(ActionOutcome.Failed, (await RollbackAsync(goal, a => a.Destroy.Add([second, third]))).Outcome);
        Assert.Equal(
            ActionOutcome.Failed,
            (await RollbackAsync(goal, a => a.Destroy.Add([second, new ZfsSnapshotRef { Name = third.Name, Guid = 7 }, bookmark]))).Outcome);
        Assert.Equal("1 2 3", Left());

        var result = await RollbackAsync(goal, a => a.Destroy.Add([second, third, bookmark]));

        Assert.Equal((ActionOutcome.Succeeded, 2), (result.Outcome, result.ZfsRollback.Destroyed.Count));
        Assert.Equal("1", Left());
    }

    [Fact]
    public async Task Rollback_CloneOfANewerOne_DiesOnlyWhenItIsNamed()
    {
        var (goal, newer) = (Snapshot("1"), Snapshot("2"));
        var made = await CloneAsync(newer, Guid.NewGuid().ToString("N"));
        var clone = new ZfsSnapshotRef { Name = made.ZfsClone.Dataset, Guid = made.ZfsClone.Guid };

        var unnamed = await RollbackAsync(goal, a => a.Destroy.Add(newer));
        Assert.Equal(ActionOutcome.Failed, unnamed.Outcome);
        Assert.Contains($"{clone.Name}={clone.Guid}", unnamed.Message, StringComparison.Ordinal);
        Assert.Equal(
            ActionOutcome.Failed,
            (await RollbackAsync(goal, a => a.Destroy.Add([newer, new ZfsSnapshotRef { Name = clone.Name, Guid = 7 }]))).Outcome);
        var refused = await RollbackAsync(
            goal, a => a.Destroy.Add([newer, clone]), new StorageRule(Data, ["rollback"], 0, TimeSpan.Zero, "the rule"));
        Assert.Equal(ActionOutcome.Refused, refused.Outcome);
        var young = await RollbackAsync(
            goal,
            a => a.Destroy.Add([newer, clone]),
            new StorageRule(Data, ["rollback"], 0, TimeSpan.Zero, "the rule"),
            new StorageRule(clone.Name, ["rollback"], 0, TimeSpan.FromDays(1), "the clone's rule"));
        Assert.Equal((ActionOutcome.Refused, "the clone's rule"), (young.Outcome, young.RefusedBy));
        var plan = await RollbackAsync(goal, a =>
        {
            a.DryRun = true;
            a.Destroy.Add([newer, clone]);
        });
        Assert.Contains($"would be destroyed: {clone.Name}", plan.Details);
        Assert.Equal(("1 2", clone.Name), (Left(), RealPool.Shell($"zfs list -H -o name {clone.Name}")));

        var result = await RollbackAsync(goal, a => a.Destroy.Add([newer, clone]));

        Assert.Equal((ActionOutcome.Succeeded, clone.Name), (result.Outcome, Assert.Single(result.ZfsRollback.DestroyedClones)));
        Assert.Equal(("1", "gone"), (Left(), RealPool.Shell($"zfs list {clone.Name} 2>/dev/null || echo gone")));
    }

    [Theory]
    [InlineData("zfs snapshot {0}/restored@1")]
    [InlineData("zfs create {0}/restored/below")]
    [InlineData("zfs clone {0}/data@2 {0}/restored/other")]
    [InlineData("zfs clone -o fleet:clone=x {0}/data@2 {0}/another && zfs snapshot {0}/restored@1")]
    public async Task Rollback_CloneWithSomethingInIt_Stays(string change)
    {
        var (goal, newer) = (Snapshot("1"), Snapshot("2"));
        var made = await CloneAsync(newer, Guid.NewGuid().ToString("N"));
        RealPool.Shell(string.Format(System.Globalization.CultureInfo.InvariantCulture, change, _pool.Name));
        ZfsSnapshotRef[] named =
        [
            newer,
            .. RealPool
                .Shell($"zfs list -H -p -o name,guid -r {_pool.Name}")
                .Split('\n')
                .Select(l => new ZfsSnapshotRef
                {
                    Name = l.Split('\t')[0],
                    Guid = ulong.Parse(l.Split('\t')[1], System.Globalization.CultureInfo.InvariantCulture),
                }),
        ];
        var before = RealPool.Shell($"zfs list -H -t all -o name -r {_pool.Name}");

        var result = await RollbackAsync(goal, a => a.Destroy.Add(named));

        Assert.Equal(ActionOutcome.Failed, result.Outcome);
        Assert.Contains(made.ZfsClone.Dataset, result.Message, StringComparison.Ordinal);
        Assert.Equal(before, RealPool.Shell($"zfs list -H -t all -o name -r {_pool.Name}"));
    }

    [Theory]
    [InlineData("zfs hold keep {0}@2", "held")]
    [InlineData("zfs clone {0}@2 {0}/clone", "not made by Fleet")]
    [InlineData("zfs inherit fleet:run {0}@2", "not made by Fleet")]
    public async Task Rollback_NewerOneThatIsNeeded_StopsIt(string change, string why)
    {
        var (goal, newer) = (Snapshot("1"), Snapshot("2"));
        RealPool.Shell(string.Format(System.Globalization.CultureInfo.InvariantCulture, change, Data));

        var result = await RollbackAsync(goal, a => a.Destroy.Add(newer));

        Assert.Equal(ActionOutcome.Failed, result.Outcome);
        Assert.Contains(why, result.Message, StringComparison.Ordinal);
        Assert.Equal("1 2", Left());
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(0, 24)]
    public async Task Rollback_GuardKeepsTheNewest_WhateverIsAsked(int keepNewest, int youngestHours)
    {
        var (goal, newer) = (Snapshot("1"), Snapshot("2"));

        var result = await RollbackAsync(
            goal,
            a => a.Destroy.Add(newer),
            new StorageRule(_pool.Name, ["rollback"], keepNewest, TimeSpan.FromHours(youngestHours), "the rule"));

        Assert.Equal((ActionOutcome.Refused, "the rule"), (result.Outcome, result.RefusedBy));
        Assert.Equal("1 2", Left());
    }

    [Fact]
    public async Task Clone_IsMadeOnceAndTouchesNothing()
    {
        RealPool.Shell($"echo content > {File}");
        var snapshot = Snapshot("1");
        var run = Guid.NewGuid().ToString("N");

        var first = await CloneAsync(snapshot, run);
        var again = await CloneAsync(snapshot, run);
        var other = await CloneAsync(snapshot, Guid.NewGuid().ToString("N"));

        Assert.Equal(
            (ActionOutcome.Succeeded, ActionOutcome.Succeeded, ActionOutcome.Failed),
            (first.Outcome, again.Outcome, other.Outcome));
        Assert.Equal(first.ZfsClone.Guid, again.ZfsClone.Guid);
        Assert.Equal("content", RealPool.Shell($"cat {_pool.MountPoint}/restored/file"));
    }

    /// <summary>Overwrites a megabyte of the file's content where it lies on the device.</summary>
    private static void Damage(string disk)
    {
        using var device = System.IO.File.Open(disk, FileMode.Open, FileAccess.ReadWrite);
        var buffer = new byte[1024 * 1024];
        while (device.Read(buffer) is var count and > 0)
        {
            if (buffer.AsSpan(0, count).IndexOf("to-be-damaged\nto-be-damaged"u8) is var at and >= 0)
            {
                device.Position += at - count;
                device.Write(new byte[1024 * 1024]);
                return;
            }
        }

        Assert.Fail("the content was not found on the device");
    }

    private string Left() => RealPool.Shell($"echo $(zfs list -H -t snapshot -s createtxg -o name -d 1 {Data} | sed 's/.*@//')");

    private ZfsSnapshotRef Snapshot(string name)
    {
        var full = $"{Data}@{name}";
        return new ZfsSnapshotRef
        {
            Name = full,
            Guid = ulong.Parse(
                RealPool.Shell($"zfs snapshot -o fleet:policy=nightly -o fleet:run=1846a328cf9540b68137b0507d35680c {full} && zfs get -H -p -o value guid {full}"),
                System.Globalization.CultureInfo.InvariantCulture),
        };
    }

    private Task<ActionResult> ScrubAsync(
        Action<ZfsScrubAction>? change = null, RecordingLog? log = null, CancellationToken cancellationToken = default)
    {
        var action = new ZfsScrubAction { Pools = { _pool.Name } };
        change?.Invoke(action);
        return RunAsync(
            new ZfsScrubRun(),
            new() { ZfsScrub = action },
            [new(_pool.Name, ["scrub"], 1, TimeSpan.Zero, "test"), new("nosuch", ["scrub"], 1, TimeSpan.Zero, "test")],
            log,
            null,
            cancellationToken);
    }

    private Task<ActionResult> HoldAsync(ZfsSnapshotRef snapshot, Action<ZfsHoldAction>? change = null)
    {
        var action = new ZfsHoldAction { Snapshots = { snapshot } };
        change?.Invoke(action);
        return RunAsync(new ZfsHoldRun(), new() { ZfsHold = action }, [new(_pool.Name, ["hold"], 1, TimeSpan.Zero, "test")]);
    }

    private Task<ActionResult> RollbackAsync(ZfsSnapshotRef snapshot, Action<ZfsRollbackAction>? change = null, params StorageRule[] rules)
    {
        var action = new ZfsRollbackAction { Snapshot = snapshot };
        change?.Invoke(action);
        return RunAsync(
            new ZfsRollbackRun(),
            new() { ZfsRollback = action },
            rules.Length > 0 ? rules : [new(_pool.Name, ["rollback"], 0, TimeSpan.Zero, "test")]);
    }

    private Task<ActionResult> CloneAsync(ZfsSnapshotRef snapshot, string run) =>
        RunAsync(
            new ZfsCloneRun(),
            new()
            {
                ZfsClone = new ZfsCloneAction { Snapshot = snapshot, Target = $"{_pool.Name}/restored" },
            },
            [new(_pool.Name, ["clone"], 1, TimeSpan.Zero, "test")],
            runId: run);

    private static Task<ActionResult> RunAsync(
        IAction action,
        Protocol.V1.Action what,
        IReadOnlyList<StorageRule> rules,
        RecordingLog? log = null,
        string? runId = null,
        CancellationToken cancellationToken = default)
    {
        var context = TestRun.For(what, log: log, runId: runId, timeout: TimeSpan.FromMinutes(5)) with
        {
            Guard = new GuardDecision
            {
                Allowed = true,
                Rule = "test",
                Message = "",
                Storage = new StorageRules("guard.yaml", "zfs", rules),
            },
        };
        return action.RunAsync(context, cancellationToken);
    }
}
