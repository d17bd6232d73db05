using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Actions.Zfs;

/// <summary>What changes on the pool between the plan and the destroying.</summary>
public sealed class ZfsPruneMeanwhileTests : IDisposable
{
    private readonly PruneBench _bench = new();
    private readonly PretendPool _pool = new() { Datasets = { ["tank"] = null } };

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Run_NameGivenToAnother_TheOtherStays()
    {
        _pool.Hourly("tank/a", 6);
        Before("get", () =>
        {
            _pool.Remove("tank/a@s1");
            _pool.Add("tank/a", "s1", PretendPool.At(7));
        });

        var result = await _bench.RunAsync(_pool);

        Assert.Equal(["s4", "s5", "s1"], _pool.Names.Select(n => n.Split('@')[1]));
        Assert.Equal((ActionOutcome.SucceededWithWarnings, 3L), (result.Outcome, result.ZfsPrune.DestroyedTotal));
        Assert.Contains("tank/a@s1 stays: the name was given to another snapshot meanwhile", result.Details);
    }

    [Fact]
    public async Task Run_EndOfARangeMadeAnew_NothingInBetweenGoes()
    {
        // The range s0%s3 would now reach up to the newest.
        _pool.Hourly("tank/a", 6);
        Before("destroy -n", () =>
        {
            _pool.Remove("tank/a@s3");
            _pool.Add("tank/a", "s3", PretendPool.At(7));
        });

        await _bench.RunAsync(_pool);

        Assert.Contains("tank/a@s4", _pool.Names);
        Assert.Contains("tank/a@s5", _pool.Names);
        Assert.DoesNotContain(_pool.Asked, a => a == "destroy -p -v tank/a@s0%s3");
    }

    [Fact]
    public async Task Run_HeldMeanwhile_TheOthersGo()
    {
        _pool.Hourly("tank/a", 6);
        Before("destroy -p", () => _pool.Hold("tank/a@s2"));

        var result = await _bench.RunAsync(_pool);

        Assert.Equal(["s2", "s4", "s5"], _pool.Names.Select(n => n.Split('@')[1]));
        Assert.Equal((ActionOutcome.SucceededWithWarnings, 3L), (result.Outcome, result.ZfsPrune.DestroyedTotal));
    }

    [Theory]
    [InlineData("destroy -n")]
    [InlineData("destroy -p")]
    public async Task Run_ClonedMeanwhile_TheOthersGo(string before)
    {
        _pool.Hourly("tank/a", 6);
        Before(before, () => _pool.Clones["tank/a@s0"] = "tank/clone");

        await _bench.RunAsync(_pool);

        Assert.Equal(["s0", "s4", "s5"], _pool.Names.Select(n => n.Split('@')[1]));
    }

    [Fact]
    public async Task Run_PropertyInherited_IsSeenRightBeforeDestroying()
    {
        for (var i = 0; i < 6; i++)
        {
            _pool.Add("tank/a", $"s{i}", PretendPool.At(i), inherited: i < 3);
        }

        await _bench.RunAsync(_pool);

        Assert.Equal(["s0", "s1", "s2", "s4", "s5"], _pool.Names.Select(n => n.Split('@')[1]));
    }

    /// <summary>Once, right before the first question that begins like this.</summary>
    private void Before(string question, System.Action change)
    {
        var done = false;
        _pool.OnAsked = line =>
        {
            if (!done && line.StartsWith(question, StringComparison.Ordinal))
            {
                done = true;
                change();
            }
        };
    }
}
