using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Actions.Zfs;

/// <summary>What changes on the pool between the plan and the destroying.</summary>
public sealed class ZfsPruneMeanwhileTests : IDisposable
{
    private readonly PruneFixture _fixture = new();
    private readonly PretendPool _pool = new() { Datasets = { ["tank"] = null } };

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Run_NameGivenToAnother_TheOtherStays()
    {
        _pool.Hourly("tank/a", 6);
        Before("get", () =>
        {
            _pool.Remove("tank/a@s1");
            _pool.Add("tank/a", "s1", PretendPool.At(7));
        });

        var result = await _fixture.RunAsync(_pool);

        Assert.Equal(["s4", "s5", "s1"], _pool.Names.Select(n => n.Split('@')[1]));
        Assert.Equal((ActionOutcome.SucceededWithWarnings, 3L), (result.Outcome, result.ZfsPrune.DestroyedTotal));
        Assert.Contains("tank/a@s1 stays: another snapshot has taken the name", result.Details);
    }

    [Theory]
    [InlineData(1, ActionOutcome.SucceededWithWarnings)]
    [InlineData(4, ActionOutcome.SucceededWithWarnings)]
    public async Task Run_GoneBetweenTheQuestions_IsNotCountedAsDestroyed(int gone, ActionOutcome outcome)
    {
        _pool.Hourly("tank/a", 6);
        Before("destroy", () => Enumerable.Range(0, gone).ToList().ForEach(i => _pool.Remove($"tank/a@s{i}")));

        var result = await _fixture.RunAsync(_pool);

        Assert.Equal(["s4", "s5"], _pool.Names.Select(n => n.Split('@')[1]));
        Assert.Equal((outcome, 4L - gone), (result.Outcome, result.ZfsPrune.DestroyedTotal));
        Assert.Contains("tank/a@s0: it is gone, but this run did not destroy it", result.Details);
    }

    [Fact]
    public async Task Run_HeldMeanwhile_TheOthersGo()
    {
        _pool.Hourly("tank/a", 6);
        Before("destroy", () => _pool.Hold("tank/a@s2"));

        var result = await _fixture.RunAsync(_pool);

        Assert.Equal(["s2", "s4", "s5"], _pool.Names.Select(n => n.Split('@')[1]));
        Assert.Equal((ActionOutcome.SucceededWithWarnings, 3L), (result.Outcome, result.ZfsPrune.DestroyedTotal));
    }

    [Fact]
    public async Task Run_ClonedMeanwhile_TheOthersGo()
    {
        _pool.Hourly("tank/a", 6);
        Before("destroy", () => _pool.Clones["tank/a@s0"] = "tank/clone");

        await _fixture.RunAsync(_pool);

        Assert.Equal(["s0", "s4", "s5"], _pool.Names.Select(n => n.Split('@')[1]));
    }

    [Fact]
    public async Task Run_PropertyInherited_IsSeenRightBeforeDestroying()
    {
        for (var i = 0; i < 6; i++)
        {
            _pool.Add("tank/a", $"s{i}", PretendPool.At(i), inherited: i < 3);
        }

        await _fixture.RunAsync(_pool);

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
