using Fleet.Agent.Host;
using Fleet.Agent.Metrics.Collectors;
using Fleet.Agent.Tests.Tools;
using Fleet.Agent.Zfs.Pool;
using Fleet.Testing;

namespace Fleet.Agent.Tests.Metrics.Collectors;

/// <summary>On what real releases printed: see tests/rig/record-zfs.</summary>
public sealed class ZfsPoolCollectorTests : IDisposable
{
    private readonly TemporaryFolder _sys = new();
    private readonly FakeTimeProvider _time = new();

    public ZfsPoolCollectorTests() => Directory.CreateDirectory(_sys.File("module/zfs"));

    public static TheoryData<string> Releases => Recording.Releases(Recording.OfZfs);

    public void Dispose() => _sys.Dispose();

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task Collect_HealthyPools_AreToldOncePerMinute(string release)
    {
        var tools = Tools(release, "first-pools", "first-status-old", "first-status-tank");
        var collector = Collector(tools);

        var got = await Gathered.FromAsync(collector);

        Assert.Equal(
            (1, 0),
            (got["fleet_zfs_pool_health{health=online,pool=tank}"], got["fleet_zfs_pool_health{health=suspended,pool=tank}"]));
        Assert.InRange(got["fleet_zfs_pool_size_bytes{pool=old pool}"], 400_000_000, 600_000_000);
        Assert.Equal(0, got["fleet_zfs_pool_data_errors{pool=tank}"]);
        Assert.Equal(0, got["fleet_zfs_vdev_errors{kind=checksum,pool=tank,vdev=mirror-0}"]);
        Assert.DoesNotContain(got.Names, n => n.StartsWith("fleet_zfs_pool_fragmentation_ratio{pool=old", StringComparison.Ordinal));
        Assert.Equal(3, tools.Asked.Count);
        await got.CollectAsync(collector);
        Assert.Equal(3, tools.Asked.Count);
        _time.Advance(TimeSpan.FromMinutes(1));
        await got.CollectAsync(collector);
        Assert.Equal(6, tools.Asked.Count);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task Collect_DegradedPool_SaysSo(string release)
    {
        var tools = Tools(release, "pools-degraded", "status-degraded", "first-status-old");

        var got = await Gathered.FromAsync(Collector(tools));

        Assert.Equal(
            (0, 1),
            (got["fleet_zfs_pool_health{health=online,pool=tank}"], got["fleet_zfs_pool_health{health=degraded,pool=tank}"]));
        var kind =
            new Recording(release, "status-degraded", Recording.OfZfs).Play(new ZpoolStatusParser()).Result!.Scans[0].Kind
            == ZfsScanKind.Scrub
                ? "scrub"
                : "resilver";
        Assert.Equal(0, got[$"fleet_zfs_pool_scan_running{{kind={kind},pool=tank}}"]);
        Assert.InRange(got[$"fleet_zfs_pool_scan_finished_timestamp_seconds{{kind={kind},pool=tank}}"], 1_700_000_000, 2_500_000_000);
    }

    [Fact]
    public async Task Collect_NoModule_AsksNothing()
    {
        Directory.Delete(_sys.File("module/zfs"));
        var tools = new RecordedTools([]);

        Assert.Empty((await Gathered.FromAsync(Collector(tools))).Names);
        Assert.Empty(tools.Asked);
    }

    private ZfsPoolCollector Collector(RecordedTools tools) => new(new HostPaths(SysRoot: _sys.Path), tools, _time);

    private static RecordedTools Tools(string release, params string[] names) =>
        new(names.Select(n => new Recording(release, n, Recording.OfZfs)));
}
