using Fleet.Agent.Actions.Zfs;

namespace Fleet.Agent.Tests.Actions.Zfs;

public sealed class ZfsSnapshotCacheTests
{
    private const long Changed = 1_795_623_939;
    private readonly ZfsSnapshotCache _cache = new();

    [Theory]
    [InlineData(-3600, false)]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public void Find_AfterTheSecondOfTheChange_Holds(int secondsLater, bool kept)
    {
        // Within the same second another change would leave the property as it is.
        _cache.Keep(Dataset(), DateTimeOffset.FromUnixTimeSeconds(Changed + secondsLater), []);

        Assert.Equal(kept, _cache.Find(Dataset()) is not null);
    }

    [Fact]
    public void Keep_ListThatMayBeOld_ForgetsTheOneBefore()
    {
        Keep(Dataset());

        _cache.Keep(Dataset() with { SnapshotsChangedSeconds = Changed + 60 }, DateTimeOffset.FromUnixTimeSeconds(Changed + 60), []);

        Assert.Null(_cache.Find(Dataset()));
    }

    [Fact]
    public void Find_AnythingElseAboutIt_IsListedAgain()
    {
        Keep(Dataset());

        Assert.NotNull(_cache.Find(Dataset() with { UsedBytes = 7 }));
        Assert.Null(_cache.Find(Dataset() with { SnapshotsChangedSeconds = Changed + 1 }));
        Assert.Null(_cache.Find(Dataset() with { SnapshotsChangedSeconds = Changed - 1 }));
        Assert.Null(_cache.Find(Dataset() with { Name = "tank/renamed" }));
        Assert.Null(_cache.Find(Dataset() with { Guid = new ZfsGuid(12) }));
        Assert.Null(_cache.Find(Dataset() with { Origin = "tank/b@1" }));
    }

    [Fact]
    public void Find_NeverChanged_Holds()
    {
        var dataset = Dataset() with { SnapshotsChangedSeconds = null };
        Keep(dataset);

        Assert.NotNull(_cache.Find(dataset));
        Assert.Null(_cache.Find(Dataset()));
    }

    [Fact]
    public void Trim_DatasetThatIsGone_IsForgotten()
    {
        Keep(Dataset());
        Keep(Dataset() with { Guid = new ZfsGuid(12) });

        _cache.Trim([Dataset()]);

        Assert.NotNull(_cache.Find(Dataset()));
        Assert.Null(_cache.Find(Dataset() with { Guid = new ZfsGuid(12) }));
    }

    private static ZfsDataset Dataset() => new()
    {
        Name = "tank/a",
        Guid = new ZfsGuid(11),
        Type = ZfsDatasetType.FileSystem,
        UsedBytes = 0,
        AvailableBytes = 0,
        ReferencedBytes = 0,
        QuotaBytes = null,
        ReferencedQuotaBytes = null,
        ReadOnly = false,
        EncryptionRoot = null,
        KeyAvailable = null,
        Mounted = true,
        CanMount = "on",
        Origin = null,
        WrittenBytes = 0,
        SnapshotsChangedSeconds = Changed,
        ReceiveResumeToken = null,
        MasksOwnership = false,
        MountPoint = "/tank/a",
    };

    private void Keep(ZfsDataset dataset) => _cache.Keep(dataset, DateTimeOffset.FromUnixTimeSeconds(Changed + 600), []);
}
