using Fleet.Agent.Guard;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Agent.Tests.Actions.Zfs;

/// <summary>What goes, and above all what never does.</summary>
public sealed class ZfsPruneRunTests : IDisposable
{
    private readonly PruneFixture _fixture = new();
    private readonly PretendPool _pool = new() { Datasets = { ["tank"] = null } };

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Run_OnlyOwnSnapshots_GoInOneCall()
    {
        _pool.Hourly("tank/a", 6);

        var result = await _fixture.RunAsync(_pool);

        Assert.Equal((ActionOutcome.Succeeded, 4L, 6L), (result.Outcome, result.ZfsPrune.DestroyedTotal, result.ZfsPrune.PlannedTotal));
        Assert.Equal(["tank/a@s4", "tank/a@s5"], _pool.Names);
        Assert.Equal(["destroy -p -v tank/a@s0,s1,s2,s3"], _pool.Asked.Where(a => a.StartsWith("destroy", StringComparison.Ordinal)));
        Assert.Equal(["tank/a@s0", "tank/a@s1", "tank/a@s2", "tank/a@s3"], result.ZfsPrune.Destroyed.Select(d => d.Name));
    }

    [Fact]
    public async Task Run_ForeignOnesInBetween_AreNeverNamed()
    {
        for (var i = 0; i < 12; i++)
        {
            _pool.Add("tank/a", $"s{i}", PretendPool.At(i), i is 2 or 3 or 7 ? null : i == 5 ? "other-policy" : "nightly");
        }

        await _fixture.RunAsync(_pool);

        Assert.Equal(["s2", "s3", "s5", "s7", "s10", "s11"], _pool.Names.Select(n => n.Split('@')[1]));
        Assert.Contains("destroy -p -v tank/a@s0,s1,s4,s6,s8,s9", _pool.Asked);
    }

    [Fact]
    public async Task Run_HeldAndCloned_StayAndSayWhy()
    {
        _pool.Hourly("tank/a", 6);
        _pool.Hold("tank/a@s1");
        _pool.Clones["tank/a@s2"] = "tank/clone";

        var result = await _fixture.RunAsync(_pool, a => a.DryRun = true);
        await _fixture.RunAsync(_pool);

        Assert.Equal(["s1", "s2", "s4", "s5"], _pool.Names.Select(n => n.Split('@')[1]));
        Assert.Equal("held: outside every count", Assert.Single(result.ZfsPrune.Decisions.Single(d => d.Name == "tank/a@s1").Reasons).Text);
        Assert.Equal(
            "cloned: a clone depends on it",
            Assert.Single(result.ZfsPrune.Decisions.Single(d => d.Name == "tank/a@s2").Reasons).Text);
    }

    [Fact]
    public async Task Run_DatasetCarriesThePropertyItself_NothingOfItGoes()
    {
        _pool.Hourly("tank/a", 6);
        _pool.Datasets["tank/a"] = "nightly";

        var result = await _fixture.RunAsync(_pool);

        Assert.Equal(6, _pool.Names.Count);
        Assert.Equal(ActionOutcome.Failed, result.Outcome);
        Assert.Contains("inherit", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_TwoOwners_GoesOnlyWhenBothAgree()
    {
        for (var i = 0; i < 6; i++)
        {
            _pool.Add("tank/a", $"s{i}", PretendPool.At(i), i is 1 or 2 ? "nightly,archive" : "nightly");
        }

        var alone = await _fixture.RunAsync(_pool, a => a.DryRun = true);
        Assign("thin-archive", PruneFixture.Prune("archive"), keepLast: 1);
        await _fixture.RunAsync(_pool);

        Assert.Equal(["tank/a@s3", "tank/a@s0"], alone.ZfsPrune.Decisions.Where(d => d.Destroy).Select(d => d.Name));
        Assert.Equal(["s2", "s4", "s5"], _pool.Names.Select(n => n.Split('@')[1]));
    }

    [Fact]
    public async Task Run_AnotherPolicyKeepsMoreOfTheSame_ItIsHeard()
    {
        _pool.Hourly("tank/a", 6);
        Assign("thin-slowly", PruneFixture.Prune("nightly"), keepLast: 5);
        Assign("thin-elsewhere", PruneFixture.Prune("nightly", "tank/b"), keepLast: 6);

        await _fixture.RunAsync(_pool);

        Assert.Equal(5, _pool.Names.Count);
    }

    [Fact]
    public async Task Run_ClockNotSynchronised_NothingGoes()
    {
        _pool.Hourly("tank/a", 6);
        _fixture.IsSynchronised = false;

        var result = await _fixture.RunAsync(_pool);

        Assert.Equal((ActionOutcome.Failed, 6), (result.Outcome, _pool.Names.Count));
        Assert.Contains("clock: not synchronised", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ClockJumped_NothingGoes()
    {
        _pool.Datasets["tank/a"] = null;
        await _fixture.RunAsync(_pool);
        _pool.Hourly("tank/a", 6);
        _fixture.Clock.Advance(TimeSpan.FromHours(2));
        _fixture.BootSeconds = 1060;

        var result = await _fixture.RunAsync(_pool);

        Assert.Equal((ActionOutcome.Failed, 6), (result.Outcome, _pool.Names.Count));
        Assert.Contains("clock: jumped", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_SnapshotFromTheFuture_NothingGoes()
    {
        _pool.Hourly("tank/a", 6);
        _pool.Add("tank/a", "future", TestRun.Instant.AddHours(1));

        var result = await _fixture.RunAsync(_pool);

        Assert.Equal((ActionOutcome.Failed, 7), (result.Outcome, _pool.Names.Count));
    }

    [Fact]
    public async Task Run_MoreThanTheBudget_AsksAndTakesOnlyThePlanThatWasShown()
    {
        static void Budget(ZfsPruneAction a) => a.Retention.Budget = null;
        _pool.Hourly("tank/a", 6);

        var asks = await _fixture.RunAsync(_pool, Budget);
        Assert.Equal((ActionOutcome.Failed, false, 6), (asks.Outcome, asks.Retryable, _pool.Names.Count));
        Assert.Equal(16, asks.ZfsPrune.Confirmation.Length);
        _pool.Add("tank/a", "s6", PretendPool.At(6));
        var stale = await _fixture.RunAsync(_pool, a =>
        {
            Budget(a);
            a.Confirmation = asks.ZfsPrune.Confirmation;
        });
        Assert.Equal((ActionOutcome.Failed, 7), (stale.Outcome, _pool.Names.Count));
        var confirmed = await _fixture.RunAsync(_pool, a =>
        {
            Budget(a);
            a.Confirmation = stale.ZfsPrune.Confirmation;
        });

        Assert.Equal((ActionOutcome.Succeeded, 5L), (confirmed.Outcome, confirmed.ZfsPrune.DestroyedTotal));
    }

    [Fact]
    public async Task Run_DryRun_SaysAllAndDestroysNothing()
    {
        _pool.Hourly("tank/a", 4);

        var result = await _fixture.RunAsync(_pool, a => a.DryRun = true);

        Assert.Equal(4, _pool.Names.Count);
        Assert.Equal(
            [
                "tank/a@s3 keep newest: the newest good one, guard-floor 1 of 1, last 1 of 2",
                "tank/a@s2 keep last 2 of 2",
                "tank/a@s1 destroy unkept: no rule keeps it",
                "tank/a@s0 destroy unkept: no rule keeps it",
            ],
            result.ZfsPrune.Decisions.Select(d =>
                $"{d.Name} {(d.Destroy ? "destroy" : "keep")} {string.Join(", ", d.Reasons.Select(r => r.Text))}"));
        Assert.DoesNotContain(_pool.Asked, a => a.StartsWith("destroy", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_AssumedTime_IsForDryRunsOnly()
    {
        _pool.Hourly("tank/a", 6);

        var result = await _fixture.RunAsync(_pool, a => a.AssumedNow = Timestamp.FromDateTimeOffset(TestRun.Instant.AddYears(1)));

        Assert.Equal((ActionOutcome.Failed, 6), (result.Outcome, _pool.Names.Count));
    }

    [Fact]
    public async Task Run_GuardKeepsMore_TheGuardWins()
    {
        _pool.Hourly("tank/a", 8);
        _pool.Hourly("tank/b", 8);
        _fixture.Rules.Add(new StorageRule("tank/a", ["prune"], 4, TimeSpan.Zero, "a"));
        _fixture.Rules.Add(new StorageRule("tank/b", ["prune"], 1, TestRun.Instant - PretendPool.At(1) + TimeSpan.FromMinutes(1), "b"));

        await _fixture.RunAsync(_pool);

        Assert.Equal(
            ["tank/a@s4", "tank/a@s5", "tank/a@s6", "tank/a@s7"],
            _pool.Names.Where(n => n.StartsWith("tank/a", StringComparison.Ordinal)));
        Assert.Equal(7, _pool.Names.Count(n => n.StartsWith("tank/b", StringComparison.Ordinal) && n != "tank/b@s0"));
    }

    [Fact]
    public async Task Run_OneDatasetBelowIsNotAllowed_NothingGoesAnywhere()
    {
        _pool.Hourly("tank/a", 6);
        _pool.Hourly("tank/a/precious", 6);
        _fixture.Rules.Add(new StorageRule("tank/a/precious", ["snapshot"], 0, TimeSpan.Zero, "guard.yaml:9: zfs: tank/a/precious"));

        var refused = await _fixture.RunAsync(_pool);
        Assert.Equal(
            (ActionOutcome.Refused, "guard.yaml:9: zfs: tank/a/precious", 12),
            (refused.Outcome, refused.RefusedBy, _pool.Names.Count));
        await _fixture.RunAsync(_pool, a => a.Excludes.Add("tank/a/precious"));

        Assert.Equal(8, _pool.Names.Count);
    }

    [Fact]
    public async Task Run_MoreThanOneCallTakes_AllGo()
    {
        _pool.Hourly("tank/a", 1_203);

        var result = await _fixture.RunAsync(_pool);

        Assert.Equal((1_201L, 2), (result.ZfsPrune.DestroyedTotal, _pool.Names.Count));
        Assert.Equal(3, _pool.Asked.Count(a => a.StartsWith("destroy -p", StringComparison.Ordinal)));
    }

    private void Assign(string policy, ZfsPruneAction action, int keepLast)
    {
        action.Retention.Keep.Last = keepLast;
        _fixture.Assignment.Policies.Add(
            new AssignedPolicy
            {
                Spec = new PolicySpec
                {
                    Name = policy,
                    Action = new Protocol.V1.Action { ZfsPrune = action },
                },
            });
    }
}
