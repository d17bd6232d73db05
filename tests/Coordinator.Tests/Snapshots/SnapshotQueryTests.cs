using Fleet.Coordinator.Snapshots;
using Fleet.Coordinator.State.Snapshots;
using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Fleet.Coordinator.Tests.Snapshots;

/// <summary>What is asked of the catalogue.</summary>
public sealed class SnapshotQueryTests : IAsyncLifetime
{
    private TestCoordinator _coordinator = null!;
    private ScriptedAgent _nas = null!;
    private ScriptedSession _session = null!;

    public async ValueTask InitializeAsync()
    {
        _coordinator = await TestCoordinator.StartAsync();
        _nas = await _coordinator.EnrolAsync("nas");
        _session = await _nas.OpenAsync();
        await SendAsync(_session, Reports.Of(
            1,
            Reports.Zfs("tank/data", Reports.Snapshot(1), Reports.Snapshot(3), Reports.Snapshot(5, "weekly")),
            Reports.Zfs("tank/data/db", Reports.Snapshot(2)),
            Reports.Zfs("tank/data-old", Reports.Snapshot(4))));
    }

    public async ValueTask DisposeAsync()
    {
        await _session.DisposeAsync();
        await _coordinator.DisposeAsync();
    }

    [Fact]
    public async Task List_OfADataset_HasWhatIsBelowAndNotItsNeighbour()
    {
        Assert.Equal(["5", "3", "2", "1"], await ListAsync(r => r.Of = "tank/data"));
        Assert.Equal(["2"], await ListAsync(r => r.Of = "tank/data/db/"));
        Assert.Equal(["5"], await ListAsync(r => r.Policy = "weekly"));
        Assert.Empty(await ListAsync(r => r.Policy = "week"));
        Assert.Empty(await ListAsync(r => r.Of = "tank/dat"));
    }

    [Fact]
    public async Task List_AtATime_IsTheNewestOfEachAtOrBeforeIt()
    {
        Assert.Equal(["3", "2"], await ListAsync(r => r.At = At(3)));
        Assert.Equal(["5", "4", "2"], await ListAsync(r => r.At = At(9)));
        Assert.Equal(["3", "2"], await ListAsync(r => (r.At, r.Of, r.Policy) = (At(9), "tank/data", "nightly")));
        Assert.Empty(await ListAsync(r => r.At = At(0)));
    }

    [Fact]
    public async Task List_Pages_HaveEachOnce()
    {
        List<string> all = [];
        var request = new ListSnapshotsRequest { PageSize = 2 };
        do
        {
            var page = await _coordinator.Fleet.ListSnapshotsAsync(request);
            all.AddRange(page.Snapshots.Select(s => s.Identity));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);

        Assert.Equal(["5", "4", "3", "2", "1"], all);
    }

    [Fact]
    public async Task List_CopyOnAnotherHost_IsCountedUntilThatIsRemoved()
    {
        var attic = await _coordinator.EnrolAsync("attic");
        await using var session = await attic.OpenAsync();
        var copy = Reports.Snapshot(1);
        copy.MadeOn = _nas.HostId;
        await SendAsync(session, Reports.Of(1, Reports.Zfs("backup/data", copy)));

        var both = (await _coordinator.Fleet.ListSnapshotsAsync(new ListSnapshotsRequest()))
            .Snapshots.Where(s => s.Identity == "1")
            .ToList();
        Assert.Equal(["attic", "nas"], both.Select(s => s.HostName).Order(StringComparer.Ordinal));
        Assert.All(both, s => Assert.Equal(2, s.Copies));
        Assert.Equal(_nas.HostId, both.Single(s => s.HostName == "attic").MadeOn);

        await _coordinator.AdminService.RemoveHostAsync(new RemoveHostRequest { Host = "attic", Reason = "test" });
        Assert.Equal(
            1,
            Assert
                .Single((await _coordinator.Fleet.ListSnapshotsAsync(new ListSnapshotsRequest())).Snapshots, s => s.Identity == "1")
                .Copies);
    }

    [Fact]
    public async Task Storage_IsTheNewestReport_AlsoAfterARestart()
    {
        await SendAsync(_session, Reports.Of(2, Reports.Zfs("tank/other")));
        await _coordinator.RestartAsync();

        var storage = await _coordinator.Fleet.GetStorageAsync(new GetStorageRequest { Host = "nas" });

        Assert.Equal(
            (_nas.HostId, "nas", "tank", "vg"),
            (storage.HostId, storage.HostName, storage.Stock.Pools[0].Name, storage.Stock.Groups[0].Name));
        Assert.Equal("tank/other", Assert.Single(storage.Stock.Datasets).Name);
        await _coordinator.EnrolAsync("silent");
        Assert.Equal(
            StatusCode.NotFound,
            (await Assert.ThrowsAsync<RpcException>(async () =>
                    await _coordinator.Fleet.GetStorageAsync(new GetStorageRequest { Host = "silent" }))
            ).StatusCode);
    }

    [Fact]
    public async Task Report_OddTimesAndNumbers_DoNoHarm()
    {
        var odd = Reports.Snapshot(7);
        odd.CreatedAt = new Timestamp { Seconds = long.MaxValue, Nanos = -5 };
        (odd.UsedBytes, odd.Holds, odd.Name) = (-1, -1, new string('x', 10_000));
        var nameless = new StoredSnapshot();

        await SendAsync(_session, Reports.Of(2, Reports.Zfs("tank/odd", odd, nameless)));

        var found = Assert.Single((await _coordinator.Fleet.ListSnapshotsAsync(new ListSnapshotsRequest { Of = "tank/odd" })).Snapshots);
        Assert.Equal((null, 0L, 0L), (found.CreatedAt, found.UsedBytes, found.Holds));
        Assert.InRange(found.Name.Length, 1, 4_096);
    }

    [Fact]
    public async Task Forget_TakesWhatHasBeenGoneForLong_AndNothingElse()
    {
        await SendAsync(_session, Reports.Of(2, Reports.Zfs("tank/data", Reports.Snapshot(3), Reports.Snapshot(5, "weekly"))));
        Assert.Equal(3, (await ListAsync(r => r.IncludeGone = true)).Count(i => i is "1" or "2" or "4"));

        var early = await _coordinator.Store.WriteAsync(t => SnapshotStore.Forget(t, t.Now - SnapshotKeeper.Keep, 100));
        var late = await _coordinator.Store.WriteAsync(t => SnapshotStore.Forget(t, t.Now + TimeSpan.FromSeconds(1), 100));

        Assert.Equal((0, 3), (early, late));
        Assert.Equal(["5", "3"], await ListAsync(r => r.IncludeGone = true));
    }

    private static Timestamp At(int number) => Reports.Snapshot(number).CreatedAt;

    private static async Task SendAsync(ScriptedSession session, StorageReport report)
    {
        await session.SendAsync(new AgentMessage { Storage = report });
        await session.WaitAsync(m => m.Acknowledge?.StorageGeneration == report.Generation);
    }

    private async Task<List<string>> ListAsync(System.Action<ListSnapshotsRequest> change)
    {
        var request = new ListSnapshotsRequest();
        change(request);
        return [.. (await _coordinator.Fleet.ListSnapshotsAsync(request)).Snapshots.Select(s => s.Identity)];
    }
}
