using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Actions.Zfs;

/// <summary>What follows from lists of earlier runs, and what does not.</summary>
public sealed class ZfsPruneRememberedTests : IDisposable
{
    private readonly PruneFixture _fixture = new();
    private readonly PretendPool _pool = new() { Datasets = { ["tank"] = null }, Changed = [] };

    public ZfsPruneRememberedTests()
    {
        _pool.Hourly("tank/a", 2);
        _pool.Hourly("tank/b", 2);
        Touch("tank/a", 0);
        Touch("tank/b", 0);
    }

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Run_NothingChangedAndNothingToDo_ListsNoSnapshots()
    {
        await _fixture.RunAsync(_pool);
        Assert.Equal(["tank tank/a tank/b"], Listed());

        var result = await _fixture.RunAsync(_pool);

        Assert.Empty(Listed());
        Assert.Equal((ActionOutcome.Succeeded, 4L), (result.Outcome, result.ZfsPrune.PlannedTotal));
    }

    [Fact]
    public async Task Run_NewSnapshotAndNothingToDestroy_ListsThatOneAndTheOneBefore()
    {
        await _fixture.RunAsync(_pool);
        Listed();
        _pool.Add("tank/b", "s2", PretendPool.At(2));
        Touch("tank/b", 1);

        var result = await _fixture.RunAsync(_pool, a => a.Retention.Keep.Last = 3);

        Assert.Equal(["tank/b@s2 tank/b@s1"], Listed());
        Assert.Equal((0L, 5L), (result.ZfsPrune.DestroyedTotal, result.ZfsPrune.PlannedTotal));
    }

    [Fact]
    public async Task Run_SomethingToDestroy_IsPlannedFromAFullListOfThatDataset()
    {
        await _fixture.RunAsync(_pool);
        Listed();
        _pool.Add("tank/b", "s2", PretendPool.At(2));
        Touch("tank/b", 1);

        await _fixture.RunAsync(_pool);

        Assert.Equal(["tank/b@s2 tank/b@s1", "tank/b"], Listed());
        Assert.Equal(["tank/a@s0", "tank/a@s1", "tank/b@s1", "tank/b@s2"], _pool.Names.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Run_HeldSinceItWasListed_CountsAsHeldBeforeAnythingGoes()
    {
        // A hold changes what the rules keep, and snapshots_changed says nothing of it.
        for (var i = 2; i < 6; i++)
        {
            _pool.Add("tank/a", $"s{i}", PretendPool.At(i));
        }

        await _fixture.RunAsync(_pool, a => a.DryRun = true);
        Listed();
        _pool.Hold("tank/a@s5");

        await _fixture.RunAsync(_pool);

        Assert.Equal(["tank/a"], Listed());
        Assert.Equal(
            ["s3", "s4", "s5"],
            _pool.Names.Where(n => n.StartsWith("tank/a@", StringComparison.Ordinal)).Select(n => n.Split('@')[1]));
    }

    [Fact]
    public async Task Run_ReleaseThatDoesNotTell_ListsEachTime()
    {
        _pool.Changed = null;
        await _fixture.RunAsync(_pool);
        Assert.Single(_pool.Asked, a => a.Contains("snapshots_changed", StringComparison.Ordinal));
        Listed();

        await _fixture.RunAsync(_pool);

        Assert.DoesNotContain(_pool.Asked, a => a.Contains("snapshots_changed", StringComparison.Ordinal));
        Assert.Equal(["tank tank/a tank/b"], Listed());
    }

    /// <summary>
    /// Of which datasets all snapshots, and which snapshots by name, were listed with their properties since the last call.
    /// </summary>
    private string[] Listed()
    {
        string[] asked =
        [
            .. _pool
                .Asked.Where(a => a.Contains(",creation,", StringComparison.Ordinal))
                .Select(a => a.Split("fleet:host ")[1].Replace("-d 1 ", "", StringComparison.Ordinal)),
        ];
        _pool.Asked.Clear();
        return asked;
    }

    private void Touch(string dataset, int hour) => _pool.Changed![dataset] = PretendPool.At(hour).ToUnixTimeSeconds();
}
