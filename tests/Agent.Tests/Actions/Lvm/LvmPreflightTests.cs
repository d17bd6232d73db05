using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Actions.Lvm;

/// <summary>Room in the pool and in the group, or no snapshots at all.</summary>
public sealed class LvmPreflightTests : IDisposable
{
    private readonly LvmFixture _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Run_SecondAttemptWithAFullPool_IsNotToldToMakeRoom()
    {
        await _bench.SnapshotAsync();
        _bench.Group.Pool.Data = "99.00";

        Assert.Equal(ActionOutcome.Succeeded, (await _bench.SnapshotAsync(attempt: 2)).Outcome);
    }

    [Theory]
    [InlineData("80.01", "12.00", "thin pool vg/pool: data 80.01 %, metadata 12 %; no snapshots past 80 % and 70 %")]
    [InlineData("10.00", "70.50", "thin pool vg/pool: data 10 %, metadata 70.5 %; no snapshots past 80 % and 70 %")]
    [InlineData("", "12.00", "its usage is not known")]
    [InlineData("10.00", "", "its usage is not known")]
    public async Task Run_PoolPastItsLimit_NothingIsMadeAndTheNumbersAreSaid(string data, string metadata, string says)
    {
        (_bench.Group.Pool.Data, _bench.Group.Pool.Metadata) = (data, metadata);

        var result = await _bench.SnapshotAsync(a => a.Volumes.Add("vg/home"));

        Assert.Equal((ActionOutcome.Failed, false), (result.Outcome, result.Retryable));
        Assert.Contains(says, result.Message, StringComparison.Ordinal);
        Assert.Empty(_bench.Made);
    }

    [Fact]
    public async Task Run_PolicysOwnLimits_AreWhatCounts()
    {
        (_bench.Group.Pool.Data, _bench.Group.Pool.Metadata) = ("90.00", "72.00");
        Assert.Equal(
            ActionOutcome.Succeeded,
            (await _bench.SnapshotAsync(a => (a.MaxDataPercent, a.MaxMetadataPercent) = (90, 72))).Outcome);

        (_bench.Group.Pool.Data, _bench.Group.Pool.Metadata) = ("31.00", "1.00");
        Assert.Contains(
            "past 30 % and 70 %",
            (await _bench.SnapshotAsync(a => a.MaxDataPercent = 30, runId: "00000000000000000000000000000001")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_PoolThatIsNotWell_NothingIsMade()
    {
        _bench.Group.Pool.Health = "metadata_read_only";

        Assert.Contains("metadata_read_only", (await _bench.SnapshotAsync()).Message, StringComparison.Ordinal);
        Assert.Empty(_bench.Made);
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
        _bench.Group.FreeBytes = free;

        var result = await _bench.SnapshotAsync(a =>
        {
            a.Volumes[0] = "vg/home";
            (a.ClassicSizeBytes, a.MinGroupFreeBytes) = (size, minFree);
        });

        Assert.Equal(isMade ? ActionOutcome.Succeeded : ActionOutcome.Failed, result.Outcome);
        Assert.Equal(isMade ? 1 : 0, _bench.Made.Count);
    }

    [Fact]
    public async Task Run_TwoClassic_NeedRoomForBoth()
    {
        _bench.Group.FreeBytes = 100_000_000;
        _bench.Group.Plain("third");

        var result = await _bench.SnapshotAsync(a =>
        {
            a.Volumes[0] = "vg/home";
            a.Volumes.Add("vg/third");
            a.ClassicSizeBytes = 60_000_000;
        });

        Assert.Equal(ActionOutcome.Failed, result.Outcome);
        Assert.Contains("group vg: ", result.Message, StringComparison.Ordinal);
        Assert.Empty(_bench.Made);
    }

    [Fact]
    public async Task Run_ThinInAGroupThatMustKeepMoreFree_IsNotMade()
    {
        _bench.Group.FreeBytes = 10;

        Assert.Contains("10B free", (await _bench.SnapshotAsync(a => a.MinGroupFreeBytes = 11)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ClassicWithoutASize_SaysThatItNeedsOne() =>
        Assert.Contains(
            "vg/home is not thin",
            (await _bench.SnapshotAsync(a => (a.Volumes[0], a.ClassicSizeBytes) = ("vg/home", 0))).Message,
            StringComparison.Ordinal);
}
