using Fleet.Agent.Actions.Zfs;
using Fleet.Agent.Tools;
using Fleet.Agent.Zfs;
using Fleet.Agent.Zfs.Listing;
using Fleet.Agent.Zfs.Pool;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Actions.Zfs;

/// <summary>Snapshots and stock on a real pool.</summary>
public sealed class RealPoolTests : IDisposable
{
    private readonly RealPool _pool = new();
    private readonly ZfsSnapshotRun _action = new();

    public RealPoolTests() => RealPool.Shell($"zfs create {_pool.Name}/data && zfs create {_pool.Name}/data/db && zfs create '{_pool.Name}/data/a b' && zfs create -s -V 16M {_pool.Name}/data/vol");

    public void Dispose() => _pool.Dispose();

    [Fact]
    public async Task Snapshot_Recursive_IsOneInstantAndNeverMadeTwice()
    {
        var runId = Guid.NewGuid().ToString("N");

        var first = await RunAsync(runId: runId);
        var second = await RunAsync(runId: runId, attempt: 2);

        Assert.Equal((ActionOutcome.Succeeded, 4L), (first.Outcome, first.ZfsSnapshot.SnapshotsTotal));
        Assert.Equal(first.ZfsSnapshot.Snapshots.Select(s => (s.Name, s.Guid)), second.ZfsSnapshot.Snapshots.Select(s => (s.Name, s.Guid)));
        Assert.Single(first.ZfsSnapshot.Snapshots.Select(s => s.CreateTransactionGroup).Distinct());
        Assert.Equal("4", RealPool.Shell($"zfs list -H -t snapshot -o name -r {_pool.Name} | wc -l"));
        Assert.Equal(
            $"nightly local\n{runId} local\n7f0c6b3e-0000-4000-8000-000000000001 local",
            RealPool.Shell($"zfs get -H -o value,source fleet:policy,fleet:run,fleet:host '{_pool.Name}/data/a b@fleet_nightly_20261120T205500Z' | tr '\\t' ' '"));
    }

    [Fact]
    public async Task Snapshot_TwoRunsOfOneSecond_BothGetTheirs()
    {
        await RunAsync();

        var second = await RunAsync(runId: "1846a328cf9540b68137b0507d35680c");

        Assert.Equal(4, second.ZfsSnapshot.SnapshotsTotal);
        Assert.All(second.ZfsSnapshot.Snapshots, s =>
            Assert.EndsWith("@fleet_nightly_20261120T205500Z-1846a328", s.Name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Snapshot_AttemptThatStoppedHalfway_IsCompleted()
    {
        // A dataset that came between two attempts has no snapshot yet.
        var runId = Guid.NewGuid().ToString("N");
        await RunAsync(runId: runId);
        RealPool.Shell($"zfs create {_pool.Name}/data/late");

        var second = await RunAsync(runId: runId, attempt: 2);

        Assert.Equal((ActionOutcome.Succeeded, 5L), (second.Outcome, second.ZfsSnapshot.SnapshotsTotal));
    }

    [Fact]
    public async Task Snapshot_Excluded_GetsNone()
    {
        var result = await RunAsync(a => a.Excludes.Add($"{_pool.Name}/data/d*"));

        Assert.Equal(3, result.ZfsSnapshot.SnapshotsTotal);
        Assert.Equal("", RealPool.Shell($"zfs list -H -t snapshot -o name -r {_pool.Name}/data/db"));
    }

    [Fact]
    public async Task Snapshot_BeforeFails_NoneIsMadeAndAfterRuns()
    {
        var result = await RunAsync(a =>
        {
            a.Before = Hook("/bin/false");
            a.After = Hook("/usr/bin/touch", $"{_pool.MountPoint}/after");
        });

        Assert.Equal(ActionOutcome.Failed, result.Outcome);
        Assert.Contains("no snapshot was made", result.Message, StringComparison.Ordinal);
        Assert.Equal("", RealPool.Shell($"zfs list -H -t snapshot -o name -r {_pool.Name}"));
        Assert.True(File.Exists($"{_pool.MountPoint}/after"));
    }

    [Fact]
    public async Task Snapshot_AfterFails_IsAWarning()
    {
        var result = await RunAsync(a => a.After = Hook("/bin/false"));

        Assert.Equal((ActionOutcome.SucceededWithWarnings, 4L), (result.Outcome, result.ZfsSnapshot.SnapshotsTotal));
    }

    [Fact]
    public async Task Snapshot_SkipUnchanged_IsMadeAgainOnlyAfterAWrite()
    {
        static void Skip(ZfsSnapshotAction a) => a.SkipUnchanged = true;
        var first = await RunAsync(Skip);
        RealPool.Shell($"zfs snapshot {_pool.Name}/data@by-hand");

        var unchanged = await RunAsync(Skip, at: TestRun.Instant.AddHours(1));
        File.WriteAllText($"{_pool.MountPoint}/data/db/file", "content");
        var changed = await RunAsync(Skip, at: TestRun.Instant.AddHours(2));

        Assert.Equal(4, first.ZfsSnapshot.SnapshotsTotal);
        Assert.Equal(
            (ActionOutcome.Succeeded, 0L, _pool.Name),
            (unchanged.Outcome, unchanged.ZfsSnapshot.SnapshotsTotal, Assert.Single(unchanged.ZfsSnapshot.UnchangedPools)));
        Assert.Contains("fleet_nightly_20261120T205500Z", unchanged.Message, StringComparison.Ordinal);
        Assert.Equal(4, changed.ZfsSnapshot.SnapshotsTotal);
    }

    [Fact]
    public async Task Snapshot_PoolIsExported_SaysThatItIsGone()
    {
        RealPool.Shell($"zpool export {_pool.Name}");
        try
        {
            var result = await RunAsync();

            Assert.Equal((ActionOutcome.Failed, false), (result.Outcome, result.Retryable));
            Assert.Contains("does not exist", result.Message, StringComparison.Ordinal);
        }
        finally
        {
            RealPool.Shell($"zpool import -d '{Path.GetDirectoryName(_pool.MountPoint)}' {_pool.Name}");
        }
    }

    [Fact]
    public async Task Inventory_AfterOneSnapshot_ListsNothingInFullAgain()
    {
        var cache = new ZfsSnapshotCache();
        RealPool.Shell($"zfs snapshot -r {_pool.Name}@1 && sleep 4");
        var first = Mine(await Inventory(cache).ReadAsync(CancellationToken.None));
        RealPool.Shell($"zfs snapshot {_pool.Name}/data/db@2 && sleep 4");

        using var seen = cache.KnowsSnapshotsChanged is true ? new Meddler($"{_pool.MountPoint}/data/db/.zfs/snapshot ", () => { }) : null;
        var report = await Inventory(cache, seen).ReadAsync(CancellationToken.None);
        var second = Mine(report);

        Assert.Empty(second.Problems);
        Assert.Equal((5, 5), (first.Datasets.Count, first.DatasetsListed));
        Assert.Equal(report.KnowsSnapshotsChanged ? 0 : 5, second.DatasetsListed);
        Assert.Equal(["1", "2"], second.Snapshots[$"{_pool.Name}/data/db"].Select(s => s.Name));
        Assert.Equal(ZfsHealth.Online, second.Status!.Health);
    }

    [Theory]
    [InlineData("zfs destroy {0}/data@1")]
    [InlineData("zfs rename {0}/data@1 renamed")]
    [InlineData("zfs rename -r {0}/data@1 2 && zfs snapshot -r {0}/data@1")]
    [InlineData("zfs snapshot -r {0}/data@fleet_nightly_20261120T205500Z && zfs destroy {0}/data/vol@1")]
    [InlineData("zfs unmount {0}/data/db && zfs snapshot {0}/data/db@2")]
    [InlineData("zfs set mountpoint=/mnt/elsewhere {0}/data/db && zfs snapshot {0}/data/db@2")]
    [InlineData("zfs snapshot {0}/data@2 && zfs rollback -r {0}/data@1")]
    [InlineData("zfs clone {0}/data@1 {0}/clone && zfs promote {0}/clone")]
    [InlineData("zfs send {0}/data@1 | zfs receive {0}/copy")]
    [InlineData("zfs rename {0}/data/db {0}/moved")]
    [InlineData("zfs destroy -r {0}/data/db && zfs create {0}/data/db")]
    public async Task Inventory_WhateverChangesSnapshots_IsSeen(string change)
    {
        RealPool.Shell($"zfs snapshot -r {_pool.Name}@1 && sleep 4");
        var inventory = Inventory(new ZfsSnapshotCache());
        await inventory.ReadAsync(CancellationToken.None);

        RealPool.Shell(string.Format(System.Globalization.CultureInfo.InvariantCulture, change, _pool.Name));

        var known = Mine(await inventory.ReadAsync(CancellationToken.None))
            .Snapshots.Values.SelectMany(s => s)
            .Select(s => $"{s.FullName}\t{s.Guid}")
            .Order(StringComparer.Ordinal);
        Assert.Equal(RealPool.Shell($"zfs list -H -t snapshot -o name,guid -r {_pool.Name} | LC_ALL=C sort").Split('\n'), known);
    }

    private static ZfsInventory Inventory(ZfsSnapshotCache cache, IToolRunner? tools = null) =>
        new(new ZfsQuery(tools ?? TestRun.Tools, TimeProvider.System, new()), cache, TimeProvider.System);

    private ZfsPoolReport Mine(ZfsReport report) => report.Pools.Single(p => p.Pool.Name == _pool.Name);

    private static SnapshotHook Hook(string program, params string[] arguments) =>
        new() { Command = new CommandAction { Program = program, Arguments = { arguments } } };

    private Task<ActionResult> RunAsync(
        Action<ZfsSnapshotAction>? change = null, string? runId = null, int attempt = 1, DateTimeOffset? at = null)
    {
        var action = new ZfsSnapshotAction { Datasets = { $"{_pool.Name}/data" }, Recursive = true };
        change?.Invoke(action);
        return _action.RunAsync(
            TestRun.For(new Protocol.V1.Action { ZfsSnapshot = action }, at: at, runId: runId, attempt: attempt),
            CancellationToken.None);
    }
}
