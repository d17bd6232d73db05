using Fleet.Agent.Zfs;
using Fleet.Agent.Zfs.Listing;

namespace Fleet.Agent.Tests.Zfs.Listing;

public sealed class ZfsSnapshotCacheTests
{
    private const long Changed = 1_795_623_939;
    private static readonly ZfsChangeMark Mark = new("tank/a", new ZfsGuid(11), null, Changed);
    private readonly ZfsSnapshotCache _cache = new();

    public ZfsSnapshotCacheTests() => Assert.True(_cache.AskAsync(_ => Task.FromResult<ZfsError?>(null)).IsCompletedSuccessfully);

    [Theory]
    [InlineData(-3600, false)]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public void Find_AfterTheSecondOfTheChange_Holds(int secondsLater, bool kept)
    {
        // Within the same second another change would leave the property as it is.
        Keep(Mark, secondsLater);

        Assert.Equal(kept, Find(Mark, secondsLater) is not null);
    }

    [Fact]
    public void Keep_ListThatMayBeOld_CanOnlyBeBroughtUpToDate()
    {
        Keep(Mark);
        var now = Mark with { SnapshotsChangedSeconds = Changed + 60 };

        Keep(now, 60);

        Assert.Null(Find(Mark));
        Assert.Null(Find(now));
        Assert.NotNull(_cache.FindOutdated(now, At(600)));
    }

    [Fact]
    public void FindOutdated_ListOfTheSameDataset_ByItsOwnAge()
    {
        Keep(Mark);
        var now = Mark with { SnapshotsChangedSeconds = Changed + 3600 };
        var age = (int)ZfsSnapshotCache.MaxAge.TotalSeconds;

        Assert.Equal(At(600), _cache.FindOutdated(now, At(3700))?.ListedAt);
        _cache.Keep(now, At(3700), At(600), _cache.Ticket(), []);

        // However often it was brought up to date: what only a full list tells is not older than this.
        Assert.Null(_cache.FindOutdated(now, At(600 + age)));
        Assert.Null(_cache.FindOutdated(now with { Name = "tank/renamed" }, At(3700)));
        Assert.Null(_cache.FindOutdated(now with { Origin = "tank/b@1" }, At(3700)));
    }

    [Fact]
    public void Find_AnythingElseAboutIt_IsListedAgain()
    {
        Keep(Mark);

        Assert.NotNull(Find(Mark));
        Assert.Null(Find(Mark with { SnapshotsChangedSeconds = Changed + 1 }));
        Assert.Null(Find(Mark with { SnapshotsChangedSeconds = Changed - 1 }));
        Assert.Null(Find(Mark with { Name = "tank/renamed" }));
        Assert.Null(Find(Mark with { Guid = new ZfsGuid(12) }));
        Assert.Null(Find(Mark with { Origin = "tank/b@1" }));
    }

    [Fact]
    public void Find_NeverChanged_Holds()
    {
        var dataset = Mark with { SnapshotsChangedSeconds = null };
        Keep(dataset);

        Assert.NotNull(Find(dataset));
        Assert.Null(Find(Mark));
    }

    [Fact]
    public void Find_DatasetOfWhichZfsDidNotSay_IsListedAgain()
    {
        Keep(ZfsChangeMark.Unknown("tank/a"));

        Assert.Null(Find(ZfsChangeMark.Unknown("tank/a")));
    }

    [Fact]
    public void Find_ListThatIsOld_IsMadeAgain()
    {
        Keep(Mark);
        var age = (int)ZfsSnapshotCache.MaxAge.TotalSeconds;

        Assert.NotNull(Find(Mark, 600 + age - 1));
        Assert.Null(Find(Mark, 600 + age));
        Assert.Null(Find(Mark, 599));
    }

    [Fact]
    public void Trim_DatasetThatIsGone_IsForgotten()
    {
        Keep(Mark);
        Keep(Mark with { Guid = new ZfsGuid(12) });

        _cache.Trim([Mark.Guid]);

        Assert.NotNull(Find(Mark));
        Assert.Null(Find(Mark with { Guid = new ZfsGuid(12) }));
    }

    [Fact]
    public void Forget_Dataset_TakesThoseBelowItAlong()
    {
        var below = new ZfsChangeMark("tank/a/b", new ZfsGuid(12), null, Changed);
        var beside = new ZfsChangeMark("tank/ab", new ZfsGuid(13), null, Changed);
        Keep(Mark);
        Keep(below);
        Keep(beside);

        _cache.Forget("tank/a");

        Assert.Null(Find(Mark));
        Assert.Null(Find(below));
        Assert.NotNull(Find(beside));
    }

    [Fact]
    public void Keep_ForgottenWhileItWasListed_IsNotKept()
    {
        var ticket = _cache.Ticket();
        _cache.Forget("tank/a");

        _cache.Keep(Mark, At(600), At(600), ticket, []);

        Assert.Null(Find(Mark));
    }

    [Fact]
    public async Task Ask_ReleaseRefuses_IsAskedWithoutNowAndLater()
    {
        var cache = new ZfsSnapshotCache();
        List<bool> asked = [];
        Task<ZfsError?> AskAsync(bool with)
        {
            asked.Add(with);
            return Task.FromResult(with ? new ZfsError(ZfsErrorKind.InvalidRequest, "invalid property", []) : null);
        }

        Assert.Null(await cache.AskAsync(AskAsync));
        Assert.Null(await cache.AskAsync(AskAsync));

        Assert.Equal([true, false, false], asked);
        Assert.False(cache.KnowsSnapshotsChanged);
        cache.Keep(Mark, At(600), At(600), cache.Ticket(), []);
        Assert.Null(cache.Find(Mark, At(600)));
    }

    [Fact]
    public async Task Ask_AnotherError_LeavesItOpen()
    {
        var cache = new ZfsSnapshotCache();

        var error = await cache.AskAsync(_ => Task.FromResult<ZfsError?>(new ZfsError(ZfsErrorKind.NoAnswer, "hangs", [])));

        Assert.Equal(ZfsErrorKind.NoAnswer, error?.Kind);
        Assert.Null(cache.KnowsSnapshotsChanged);
    }

    private static DateTimeOffset At(int secondsLater) => DateTimeOffset.FromUnixTimeSeconds(Changed + secondsLater);

    private IReadOnlyList<ZfsSnapshot>? Find(ZfsChangeMark mark, int secondsLater = 600) => _cache.Find(mark, At(secondsLater));

    private void Keep(ZfsChangeMark mark, int secondsLater = 600) =>
        _cache.Keep(mark, At(secondsLater), At(secondsLater), _cache.Ticket(), []);
}
