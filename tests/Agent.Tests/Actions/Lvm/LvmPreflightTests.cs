using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Actions.Lvm;

/// <summary>Room in the pool and in the group, or no snapshots at all.</summary>
public sealed class LvmPreflightTests : IDisposable
{
    private readonly LvmFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Run_SecondAttemptWithAFullPool_IsNotToldToMakeRoom()
    {
        await _fixture.SnapshotAsync();
        _fixture.Group.Pool.Data = "99.00";

        Assert.Equal(ActionOutcome.Succeeded, (await _fixture.SnapshotAsync(attempt: 2)).Outcome);
    }

    [Theory]
    [InlineData("80.01", "12.00", "thin pool vg/pool: data 80.01 %, metadata 12 %; no snapshots past 80 % and 70 %")]
    [InlineData("10.00", "70.50", "thin pool vg/pool: data 10 %, metadata 70.5 %; no snapshots past 80 % and 70 %")]
    [InlineData("", "12.00", "its usage is not known")]
    [InlineData("10.00", "", "its usage is not known")]
    public async Task Run_PoolPastItsLimit_NothingIsMadeAndTheNumbersAreSaid(string data, string metadata, string says)
    {
        (_fixture.Group.Pool.Data, _fixture.Group.Pool.Metadata) = (data, metadata);

        var result = await _fixture.SnapshotAsync(a => a.Volumes.Add("vg/home"));

        Assert.Equal((ActionOutcome.Failed, false), (result.Outcome, result.Retryable));
        Assert.Contains(says, result.Message, StringComparison.Ordinal);
        Assert.Empty(_fixture.Made);
    }

    [Fact]
    public async Task Run_PolicysOwnLimits_AreWhatCounts()
    {
        (_fixture.Group.Pool.Data, _fixture.Group.Pool.Metadata) = ("90.00", "72.00");
        Assert.Equal(
            ActionOutcome.Succeeded,
            (await _fixture.SnapshotAsync(a => (a.MaxDataPercent, a.MaxMetadataPercent) = (90, 72))).Outcome);

        (_fixture.Group.Pool.Data, _fixture.Group.Pool.Metadata) = ("31.00", "1.00");
        Assert.Contains(
            "past 30 % and 70 %",
            (await _fixture.SnapshotAsync(a => a.MaxDataPercent = 30, runId: "00000000000000000000000000000001")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_PoolThatIsNotWell_NothingIsMade()
    {
        _fixture.Group.Pool.Health = "metadata_read_only";

        Assert.Contains("metadata_read_only", (await _fixture.SnapshotAsync()).Message, StringComparison.Ordinal);
        Assert.Empty(_fixture.Made);
    }

    [Theory]
    [InlineData(50_331_648, 0, 50_331_648, true)]
    [InlineData(50_331_648, 0, 50_331_647, false)]
    [InlineData(50_331_649, 0, 50_331_649, false)]
    [InlineData(50_331_648, 1, 50_331_648, false)]
    [InlineData(50_331_648, 1, 50_331_649, true)]
    [InlineData(long.MaxValue, 0, 50_331_648, false)]
    public async Task Run_Classic_NeedsRoomInTheGroupInWholeExtents(long size, long minFree, long free, bool isMade)
    {
        _fixture.Group.FreeBytes = free;

        var result = await _fixture.SnapshotAsync(a =>
        {
            a.Volumes[0] = "vg/home";
            (a.ClassicSizeBytes, a.MinGroupFreeBytes) = (size, minFree);
        });

        Assert.Equal(isMade ? ActionOutcome.Succeeded : ActionOutcome.Failed, result.Outcome);
        Assert.Equal(isMade ? 1 : 0, _fixture.Made.Count);
    }

    [Fact]
    public async Task Run_TwoClassic_NeedRoomForBoth()
    {
        _fixture.Group.FreeBytes = 100_000_000;
        _fixture.Group.Plain("third");

        var result = await _fixture.SnapshotAsync(a =>
        {
            a.Volumes[0] = "vg/home";
            a.Volumes.Add("vg/third");
            a.ClassicSizeBytes = 60_000_000;
        });

        Assert.Equal(ActionOutcome.Failed, result.Outcome);
        Assert.Contains("group vg: ", result.Message, StringComparison.Ordinal);
        Assert.Empty(_fixture.Made);
    }

    [Fact]
    public async Task Run_ThinInAGroupThatMustKeepMoreFree_IsNotMade()
    {
        _fixture.Group.FreeBytes = 10;

        Assert.Contains("10B free", (await _fixture.SnapshotAsync(a => a.MinGroupFreeBytes = 11)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ClassicWithoutASize_SaysThatItNeedsOne() =>
        Assert.Contains(
            "vg/home is not thin",
            (await _fixture.SnapshotAsync(a => (a.Volumes[0], a.ClassicSizeBytes) = ("vg/home", 0))).Message,
            StringComparison.Ordinal);
}
