using Fleet.Agent.Connection;
using Fleet.Agent.Edge;
using Fleet.Agent.Host;
using Fleet.Agent.Inventory;
using Fleet.Agent.Metrics;
using Fleet.Agent.Outbox;
using Fleet.Agent.Zfs.Listing;
using Fleet.Protocol.V1;
using Fleet.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fleet.Agent.Tests.Inventory;

/// <summary>When this host is looked at, and what of it is told.</summary>
public sealed class InventoryLoopTests : IAsyncDisposable
{
    private static readonly RunOrder Snapshot = RunIds.Order(new Protocol.V1.Action { ZfsSnapshot = new ZfsSnapshotAction() });
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 26, 12, 0, 0, TimeSpan.Zero));
    private readonly CancellationTokenSource _stop = new();
    private readonly PretendHost _host = new();
    private readonly MetricBacklog _backlog;
    private readonly SendQueue _queue;
    private readonly InventoryLoop _loop;
    private readonly Task _running;
    private TimeSpan? _interval = TimeSpan.FromMinutes(5);
    private int _asked;

    public InventoryLoopTests()
    {
        Directory.CreateDirectory(Path.Join(_folder.Path, "module", "zfs"));
        _backlog = MetricBacklog.Open(Path.Join(_folder.Path, "metrics"), () => 1 << 20);
        _queue = new SendQueue(_backlog, new SeriesTable());
        _loop = new InventoryLoop(
            new HostStorage(new HostPaths(SysRoot: _folder.Path), _host, new ZfsSnapshotCache(), _time),
            () => Interval(),
            _queue,
            _time,
            NullLogger.Instance);
        _host.Pools.Add("tank");
        _host.Add("tank/data", "fleet_nightly_1");
        _host.Add("tank/data", "by-hand", run: null);
        _host.Add("tank/vm", "fleet_nightly_1");
        _running = _loop.RunAsync(_stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _backlog.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Session_Opens_EverythingOfFleetIsTold()
    {
        var report = await OpenAsync();

        Assert.Equal((1, true), (report.Generation, report.Last));
        var pool = Assert.Single(report.Stock.Pools);
        Assert.Equal(
            ("tank", "online", true, 2L, 3),
            (pool.Name, pool.Health, pool.DatasetsComplete, pool.DeviceErrors, pool.CapacityPercent));
        Assert.Equal(["tank/data", "tank/vm"], report.Stock.Datasets.Select(d => d.Name));
        Assert.Equal((4096L, 1048576L), (report.Stock.Datasets[0].WrittenBytes, report.Stock.Datasets[0].QuotaBytes));
        Assert.Equal(["tank/data", "tank/vm"], report.Lists.Select(l => l.Scope));
        var snapshot = Assert.Single(report.Lists[0].Snapshots);
        Assert.Equal(
            ("fleet_nightly_1", "101", "nightly", PretendHost.Run, PretendHost.HostId),
            (snapshot.Name, snapshot.Identity, snapshot.Policy, snapshot.RunId, snapshot.MadeOn));
        Assert.Empty(report.Stock.Problems);
    }

    [Fact]
    public async Task Interval_NothingChanged_ListsNoSnapshotsAndTellsNone()
    {
        _loop.Acknowledge((await OpenAsync()).Generation);
        _host.Asked.Clear();

        var report = await AfterAsync(TimeSpan.FromMinutes(5));

        Assert.Empty(report.Lists);
        Assert.Equal(2, report.Stock.Datasets.Count);
        Assert.Equal(3, _host.Asked.Count);
        Assert.DoesNotContain(_host.Asked, a => a.Contains("-t snapshot", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_OnStorageEnds_OnlyWhatChangedIsTold()
    {
        _loop.Acknowledge((await OpenAsync()).Generation);
        _host.Add("tank/data", "fleet_nightly_2");

        _loop.RunEnded(Snapshot);
        var report = await AfterAsync(TimeSpan.FromSeconds(3));

        Assert.Equal(2, report.Generation);
        Assert.Equal("tank/data", Assert.Single(report.Lists).Scope);
        Assert.Equal(["fleet_nightly_1", "fleet_nightly_2"], report.Lists[0].Snapshots.Select(s => s.Name));
    }

    [Fact]
    public async Task Run_ThatHolds_ListsItsDatasetAgain()
    {
        _loop.Acknowledge((await OpenAsync()).Generation);
        _host.Hold("tank/data", "fleet_nightly_1");

        _loop.RunEnded(
            RunIds.Order(
                new Protocol.V1.Action
                {
                    ZfsHold = new ZfsHoldAction { Snapshots = { new ZfsSnapshotRef { Name = "tank/data@fleet_nightly_1" } } },
                }));
        var report = await AfterAsync(TimeSpan.FromSeconds(3));

        Assert.Equal(1, Assert.Single(Assert.Single(report.Lists).Snapshots).Holds);
    }

    [Fact]
    public async Task Report_NotAcknowledged_IsToldAgain()
    {
        await OpenAsync();
        _host.Remove("tank/vm", "fleet_nightly_1");

        var report = await AfterAsync(TimeSpan.FromMinutes(5));
        _loop.Acknowledge(1);
        var again = await AfterAsync(TimeSpan.FromMinutes(5));

        Assert.Equal(["tank/data", "tank/vm"], report.Lists.Select(l => l.Scope));
        Assert.Empty(report.Lists[1].Snapshots);
        Assert.Equal(["tank/data", "tank/vm"], again.Lists.Select(l => l.Scope));
    }

    [Fact]
    public async Task Session_OpensAgain_EverythingIsToldAnew()
    {
        _loop.Acknowledge((await OpenAsync()).Generation);
        _queue.Close();

        var report = await OpenAsync();

        Assert.Equal((1, 2), (report.Generation, report.Lists.Count));
    }

    [Fact]
    public async Task Pool_Suspended_IsToldWithItsProblemAndNothingFollowsForItsSnapshots()
    {
        _host.Health = "SUSPENDED";
        _host.HasLvm = true;

        var report = await OpenAsync();

        Assert.Equal(("suspended", false), (report.Stock.Pools[0].Health, report.Stock.Pools[0].DatasetsComplete));
        Assert.Contains("SUSPENDED", Assert.Single(report.Stock.Problems), StringComparison.Ordinal);
        Assert.Equal([(SnapshotKind.Lvm, "vg")], report.Lists.Select(l => (l.Kind, l.Scope)));
    }

    [Fact]
    public async Task Lvm_Recorded_GivesGroupsPoolsAndFleetsSnapshots()
    {
        _host.Pools.Clear();
        _host.HasLvm = true;

        var report = await OpenAsync();

        Assert.Equal("vg", Assert.Single(report.Stock.Groups).Name);
        var pool = Assert.Single(report.Stock.Volumes, v => v.IsThinPool);
        Assert.True(pool.HasDataPercent && pool.HasMetadataPercent);
        Assert.DoesNotContain(report.Stock.Volumes, v => v.Name.Contains("fleet_", StringComparison.Ordinal));
        var list = Assert.Single(report.Lists);
        Assert.NotEmpty(list.Snapshots);
        Assert.All(list.Snapshots, s => Assert.Equal(("nightly", PretendHost.Run), (s.Policy, s.RunId)));
        Assert.Contains(list.Snapshots, s => s.Origin == "home" && s.UsedBytes < s.ReferencedBytes);
    }

    [Fact]
    public async Task Off_NothingIsAsked()
    {
        _interval = null;
        _queue.Open();
        foreach (var wake in (System.Action[])[_loop.SessionOpened, () => _loop.RunEnded(Snapshot), _loop.ReconsiderInterval])
        {
            var before = Volatile.Read(ref _asked);
            wake();
            await Eventually.TrueAsync(() => Volatile.Read(ref _asked) > before, "the loop has woken");
        }

        Assert.Empty(_host.Asked);
        _interval = TimeSpan.FromMinutes(5);
        _loop.SessionOpened();
        Assert.Equal(1, (await NextAsync()).Generation);
    }

    private TimeSpan? Interval()
    {
        Interlocked.Increment(ref _asked);
        return _interval;
    }

    private async Task<StorageReport> OpenAsync()
    {
        _queue.Open();
        _loop.SessionOpened();
        return await NextAsync();
    }

    private async Task<StorageReport> AfterAsync(TimeSpan pause)
    {
        // The loop waits: time that passes between its reckoning and its wait would be lost.
        await _time.WaitForTimersAsync();
        _time.Advance(pause);
        return await NextAsync();
    }

    /// <summary>The whole of the next report.</summary>
    private async Task<StorageReport> NextAsync()
    {
        var report = new StorageReport();
        while (!report.Last)
        {
            var changed = _queue.Changed;
            if (_queue.NextLive([]) is { Storage: { } part })
            {
                report.MergeFrom(part);
            }
            else
            {
                await changed.WaitAsync(TimeSpan.FromSeconds(30));
            }
        }

        return report;
    }
}
