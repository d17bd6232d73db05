using Fleet.Agent.Guard;
using Fleet.Agent.Lvm;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Agent.Tests.Actions.Lvm;

/// <summary>What goes, and above all what never does. The same on a real group: RealGroupTests.</summary>
public sealed class LvmPruneRunTests : IDisposable
{
    private const string Tags = $"fleet,fleet.policy=nightly,fleet.run={PretendGroup.Run}";
    private readonly LvmFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Run_OnlyOwnSnapshots_OldestGo()
    {
        _fixture.Group.Hourly(5);

        var result = await _fixture.PruneAsync();

        Assert.Equal((ActionOutcome.Succeeded, 3L, 5L), (result.Outcome, result.LvmPrune.DestroyedTotal, result.LvmPrune.PlannedTotal));
        Assert.Equal(["s3", "s4"], _fixture.Group.Snapshots);
        Assert.Equal(["vg/s0", "vg/s1", "vg/s2"], result.LvmPrune.Destroyed.Select(s => s.Name));
        Assert.Equal("lvremove -y --select lv_uuid=uuid-0005 vg/s0", _fixture.Removed[0]);
        Assert.Equal("lvs", _fixture.Group.Asked[_fixture.Group.Asked.IndexOf(_fixture.Removed[0]) - 2].Split(' ')[0]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("fleet")]
    [InlineData("fleet,fleet.policy=nightly")]
    [InlineData($"fleet.policy=nightly,fleet.run={PretendGroup.Run}")]
    [InlineData($"fleet,fleet.policy=other,fleet.run={PretendGroup.Run}")]
    [InlineData($"fleet,fleet.policy=nightly,fleet.run={PretendGroup.Run},fleet.run=00000000000000000000000000000000")]
    [InlineData("fleet,fleet.policy=nightly,fleet.run=x")]
    [InlineData($"fleet,fleet.policy=nightly,fleet.policy=Not:A:Policy,fleet.run={PretendGroup.Run}")]
    public async Task Run_ForeignSnapshot_StaysHoweverOld(string tags)
    {
        _fixture.Group.Snapshot(_fixture.Group.Vol, "foreign", PretendGroup.At(-5), tags);
        _fixture.Group.Hourly(4);

        await _fixture.PruneAsync();

        Assert.Equal(["foreign", "s2", "s3"], _fixture.Group.Snapshots);
    }

    [Fact]
    public async Task Run_TagsForgedOnVolumes_NoneOfThemGoes()
    {
        _fixture.Group.Hourly(4);
        foreach (var volume in new[] { _fixture.Group.Vol, _fixture.Group.Home, _fixture.Group.Pool })
        {
            (volume.Tags, volume.Time) = (Tags, PretendGroup.At(-9));
        }

        var before = _fixture.Group.All.Where(v => v.OriginUuid.Length == 0).Select(v => v.Name).ToList();

        var result = await _fixture.PruneAsync(a => a.Volumes.Add("vg/home"));

        Assert.Equal(ActionOutcome.Succeeded, result.Outcome);
        Assert.Equal(before, _fixture.Group.All.Where(v => v.OriginUuid.Length == 0).Select(v => v.Name));
        Assert.Equal(["s2", "s3"], _fixture.Group.Snapshots);
    }

    [Fact]
    public async Task Run_TagsForgedOnAVolumeThatBuildsOnThisOneFromOutside_ItStays()
    {
        // A thin volume with an external origin shows one, but is in another pool.
        var outside = _fixture.Group.Snapshot(_fixture.Group.Vol, "outside", PretendGroup.At(-5));
        outside.PoolUuid = "uuid-elsewhere";
        _fixture.Group.Hourly(4);

        await _fixture.PruneAsync();

        Assert.Equal(["outside", "s2", "s3"], _fixture.Group.Snapshots);
    }

    [Fact]
    public async Task Run_SnapshotsOfOtherVolumes_AreNotCountedAndStay()
    {
        _fixture.Group.Hourly(4);
        _fixture.Group.Snapshot(_fixture.Group.Home, "h0", PretendGroup.At(-5));

        var result = await _fixture.PruneAsync();

        Assert.Equal(["s2", "s3", "h0"], _fixture.Group.Snapshots);
        Assert.Equal(4, result.LvmPrune.PlannedTotal);
    }

    [Fact]
    public async Task Run_ClassicThatOverflowed_GoesBeforeAGoodOne()
    {
        _fixture.Group.Snapshot(_fixture.Group.Home, "h0", PretendGroup.At(0));
        _fixture.Group.Snapshot(_fixture.Group.Home, "h1", PretendGroup.At(1)).Invalid = "snapshot invalid";
        _fixture.Group.Snapshot(_fixture.Group.Home, "h2", PretendGroup.At(2));

        await _fixture.PruneAsync(a => a.Volumes[0] = "vg/home");

        Assert.Equal(["h0", "h2"], _fixture.Group.Snapshots);
    }

    [Fact]
    public async Task Run_TwoOwners_GoesOnlyWhenBothAgree()
    {
        _fixture.Group.Hourly(4);
        _fixture.Group.All.Single(v => v.Name == "s0").Tags += ",fleet.policy=archive";

        await _fixture.PruneAsync();
        Assert.Equal(["s0", "s2", "s3"], _fixture.Group.Snapshots);

        Assign("thin-archive", "archive");
        _fixture.Group.Snapshot(_fixture.Group.Vol, "a", PretendGroup.At(9), Tags.Replace("nightly", "archive", StringComparison.Ordinal));
        await _fixture.PruneAsync();
        Assert.Equal(["s2", "s3", "a"], _fixture.Group.Snapshots);
    }

    [Fact]
    public async Task Run_GuardsFloorAndAge_HoldWhateverIsAsked()
    {
        _fixture.Group.Hourly(5);
        _fixture.Rules.Add(new StorageRule("vg/vol", ["prune"], 4, TimeSpan.Zero, "rule"));
        await _fixture.PruneAsync(a => a.Retention.Keep.Last = 1);
        Assert.Equal(["s1", "s2", "s3", "s4"], _fixture.Group.Snapshots);

        _fixture.Rules[1] = new StorageRule("vg/vol", ["prune"], 1, TestRun.Instant - PretendGroup.At(2) + TimeSpan.FromSeconds(1), "rule");
        await _fixture.PruneAsync(a => a.Retention.Keep.Last = 1);
        Assert.Equal(["s2", "s3", "s4"], _fixture.Group.Snapshots);
    }

    [Fact]
    public async Task Run_VolumeThatOnlyAllowsSnapshots_NothingOfTheOthersGoesEither()
    {
        _fixture.Group.Hourly(4);
        _fixture.Rules.Add(new StorageRule("vg/home", ["snapshot"], 1, TimeSpan.Zero, "guard.yaml:7: lvm: vg/home"));

        var result = await _fixture.PruneAsync(a => a.Volumes.Add("vg/home"));

        Assert.Equal((ActionOutcome.Refused, "guard.yaml:7: lvm: vg/home"), (result.Outcome, result.RefusedBy));
        Assert.Empty(_fixture.Group.Asked);
    }

    [Fact]
    public async Task Run_MoreThanTheBudget_AsksAndGoesOnWithTheConfirmation()
    {
        _fixture.Group.Hourly(5);

        var asking = await _fixture.PruneAsync(a => a.Retention.Budget.MostPercent = 10);
        Assert.Equal(
            (ActionOutcome.Failed, 16, 5), (asking.Outcome, asking.LvmPrune.Confirmation.Length, _fixture.Group.Snapshots.Count()));
        await _fixture.PruneAsync(a => (a.Retention.Budget.MostPercent, a.Confirmation) = (10, "0123456789abcdef"));
        Assert.Equal(5, _fixture.Group.Snapshots.Count());
        await _fixture.PruneAsync(a => (a.Retention.Budget.MostPercent, a.Confirmation) = (10, asking.LvmPrune.Confirmation));
        Assert.Equal(["s3", "s4"], _fixture.Group.Snapshots);
    }

    [Fact]
    public async Task Run_ClockCannotBeTrusted_NothingGoes()
    {
        _fixture.Group.Hourly(5);
        _fixture.Host.IsSynchronised = false;

        var result = await _fixture.PruneAsync();

        Assert.Contains("not synchronised", result.Message, StringComparison.Ordinal);
        Assert.Equal(5, _fixture.Group.Snapshots.Count());
    }

    [Fact]
    public async Task Run_SnapshotFromTheFuture_NothingGoes()
    {
        _fixture.Group.Hourly(5);
        _fixture.Group.Snapshot(_fixture.Group.Vol, "future", TestRun.Instant.AddDays(1));

        var result = await _fixture.PruneAsync();

        Assert.Equal((ActionOutcome.Failed, 6), (result.Outcome, _fixture.Group.Snapshots.Count()));
        Assert.Contains("is before the newest copy", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_DryRun_SaysWhatWouldGoAndAsksNothingElse()
    {
        _fixture.Group.Hourly(4);

        var result = await _fixture.PruneAsync(a => a.DryRun = true);
        var assumed = await _fixture.PruneAsync(a => (a.DryRun, a.AssumedNow) = (true, Timestamp.FromDateTimeOffset(PretendGroup.At(100))));

        Assert.Equal(["vg/s1", "vg/s0"], result.LvmPrune.Decisions.Where(d => d.Destroy).Select(d => d.Name));
        Assert.Equal(["uuid-0006", "uuid-0005"], result.LvmPrune.Decisions.Where(d => d.Destroy).Select(d => d.Identity));
        Assert.Equal(4, assumed.LvmPrune.Decisions.Count);
        Assert.All(_fixture.Group.Asked, a =>
            Assert.True(a.StartsWith("lvs ", StringComparison.Ordinal) || a.StartsWith("vgs ", StringComparison.Ordinal), a));
        Assert.Equal(4, _fixture.Group.Snapshots.Count());
    }

    [Fact]
    public async Task Run_AssumedTimeOutsideADryRun_IsRefused()
    {
        _fixture.Group.Hourly(4);

        Assert.Equal(ActionOutcome.Failed, (await _fixture.PruneAsync(a => a.AssumedNow = new Timestamp())).Outcome);
        Assert.Empty(_fixture.Group.Asked);
    }

    [Theory]
    [InlineData("vg/nosuch", "there is no volume vg/nosuch")]
    [InlineData("vg/pool", "is a thin pool")]
    public async Task Run_OneVolumeIsNotThere_FailsAndTheOthersArePruned(string volume, string says)
    {
        _fixture.Group.Hourly(4);

        var result = await _fixture.PruneAsync(a => a.Volumes.Add(volume));

        Assert.Equal((ActionOutcome.Failed, 2), (result.Outcome, _fixture.Group.Snapshots.Count()));
        Assert.Contains(says, result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_UuidThatMeansSomethingInASelection_IsNotUnderstoodAndNothingGoes()
    {
        _fixture.Group.Hourly(4);
        _fixture.Group.All[^4].Uuid = "x || lv_name=home";

        var result = await _fixture.PruneAsync();

        Assert.Equal((ActionOutcome.Failed, 4), (result.Outcome, _fixture.Group.Snapshots.Count()));
        Assert.Throws<ArgumentException>(() => LvmCommands.Remove("vg", "s0", "x || lv_name=home"));
    }

    [Fact]
    public async Task Run_AgeOfAnOwnOneNotKnown_NothingOfTheVolumeGoes()
    {
        _fixture.Group.Hourly(4);
        _fixture.Group.All.Single(v => v.Name == "s3").Time = DateTimeOffset.UnixEpoch;

        var result = await _fixture.PruneAsync();

        Assert.Contains("the creation time of vg/s3 is not known", result.Message, StringComparison.Ordinal);
        Assert.Equal(4, _fixture.Group.Snapshots.Count());
    }

    private void Assign(string policy, string snapshotsOf)
    {
        var action = LvmFixture.Prune();
        action.SnapshotsOf = snapshotsOf;
        action.Retention.Keep.Last = 1;
        _fixture.Host.Assignment.Policies.Add(
            new AssignedPolicy
            {
                Spec = new PolicySpec
                {
                    Name = policy,
                    Action = new Protocol.V1.Action { LvmPrune = action },
                },
            });
    }
}
