using Fleet.Agent.Actions.Lvm;
using Fleet.Agent.Guard;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Agent.Tests.Actions.Lvm;

/// <summary>What goes, and above all what never does. The same on a real group: RealGroupTests.</summary>
public sealed class LvmPruneRunTests : IDisposable
{
    private const string Tags = $"fleet,fleet.policy=nightly,fleet.run={PretendGroup.Run}";
    private readonly PruneHost _host = new();
    private readonly PretendGroup _group = new();
    private readonly List<StorageRule> _rules = [new("vg", ["snapshot", "prune"], 1, TimeSpan.Zero, "guard.yaml:1: lvm: vg")];

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Run_OnlyOwnSnapshots_OldestGo()
    {
        _group.Hourly(5);

        var result = await RunAsync();

        Assert.Equal((ActionOutcome.Succeeded, 3L, 5L), (result.Outcome, result.LvmPrune.DestroyedTotal, result.LvmPrune.PlannedTotal));
        Assert.Equal(["s3", "s4"], _group.Snapshots);
        Assert.Equal(["vg/s0", "vg/s1", "vg/s2"], result.LvmPrune.Destroyed.Select(s => s.Name));
        Assert.Equal("lvremove -y --select lv_uuid=uuid-0005 vg/s0", Removed[0]);
        Assert.Equal("lvs", _group.Asked[_group.Asked.IndexOf(Removed[0]) - 2].Split(' ')[0]);
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
        _group.Snapshot(_group.Vol, "foreign", PretendGroup.At(-5), tags);
        _group.Hourly(4);

        await RunAsync();

        Assert.Equal(["foreign", "s2", "s3"], _group.Snapshots);
    }

    [Fact]
    public async Task Run_TagsForgedOnVolumes_NoneOfThemGoes()
    {
        _group.Hourly(4);
        foreach (var volume in new[] { _group.Vol, _group.Home, _group.Pool })
        {
            (volume.Tags, volume.Time) = (Tags, PretendGroup.At(-9));
        }

        var before = _group.All.Where(v => v.OriginUuid.Length == 0).Select(v => v.Name).ToList();

        var result = await RunAsync(a => a.Volumes.Add("vg/home"));

        Assert.Equal(ActionOutcome.Succeeded, result.Outcome);
        Assert.Equal(before, _group.All.Where(v => v.OriginUuid.Length == 0).Select(v => v.Name));
        Assert.Equal(["s2", "s3"], _group.Snapshots);
    }

    [Fact]
    public async Task Run_TagsForgedOnAVolumeThatBuildsOnThisOneFromOutside_ItStays()
    {
        // A thin volume with an external origin shows one, but is in another pool.
        var outside = _group.Snapshot(_group.Vol, "outside", PretendGroup.At(-5));
        outside.PoolUuid = "uuid-elsewhere";
        _group.Hourly(4);

        await RunAsync();

        Assert.Equal(["outside", "s2", "s3"], _group.Snapshots);
    }

    [Fact]
    public async Task Run_SnapshotsOfOtherVolumes_AreNotCountedAndStay()
    {
        _group.Hourly(4);
        _group.Snapshot(_group.Home, "h0", PretendGroup.At(-5));

        var result = await RunAsync();

        Assert.Equal(["s2", "s3", "h0"], _group.Snapshots);
        Assert.Equal(4, result.LvmPrune.PlannedTotal);
    }

    [Theory]
    [InlineData("merging")]
    [InlineData("open")]
    [InlineData("unknown")]
    [InlineData("activated")]
    [InlineData("origin")]
    public async Task Run_InUseAlready_IsNotPlannedToGo(string how)
    {
        _group.Hourly(5);
        Use(_group.All.Single(v => v.Name == "s1"), how);

        var result = await RunAsync();

        Assert.Equal(ActionOutcome.Succeeded, result.Outcome);
        Assert.Contains("s1", _group.Snapshots);
        Assert.DoesNotContain("s0", _group.Snapshots);
        Assert.DoesNotContain(Removed, r => r.EndsWith("vg/s1", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("merging", "is being merged")]
    [InlineData("open", "it is in use")]
    [InlineData("activated", "somebody activated it")]
    [InlineData("origin", "there are snapshots of it")]
    [InlineData("untagged", "does not carry Fleet's tags")]
    [InlineData("another owner", "its owners changed")]
    [InlineData("another origin", "no snapshot of vg/vol any more")]
    [InlineData("renamed", "it was renamed")]
    [InlineData("gone", "it is gone already")]
    [InlineData("replaced", "the name was given to another volume")]
    public async Task Run_ChangesAfterThePlan_ItStaysAndSaysWhy(string how, string says)
    {
        _group.Hourly(5);
        var victim = _group.All.Single(v => v.Name == "s1");
        var looks = 0;
        _group.OnAsked = line =>
        {
            // The second look is the one after the plan.
            if (line.StartsWith("lvs", StringComparison.Ordinal) && ++looks == 2)
            {
                Use(victim, how);
            }
        };

        var result = await RunAsync();

        Assert.Equal((ActionOutcome.SucceededWithWarnings, 2L), (result.Outcome, result.LvmPrune.DestroyedTotal));
        Assert.Contains(result.Details, d => d.StartsWith("vg/s1 stays: ", StringComparison.Ordinal) && d.Contains(says, StringComparison.Ordinal));
        Assert.DoesNotContain(Removed, r => r.EndsWith("vg/s1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_NameGivenToAnotherVolumeAtTheVeryLastMoment_LvremoveItselfPassesItOver()
    {
        _group.Hourly(3);
        var victim = _group.All.Single(v => v.Name == "s0");
        _group.OnAsked = line =>
        {
            if (line.StartsWith("lvremove", StringComparison.Ordinal) && _group.All.Contains(victim))
            {
                victim.Name = "moved";
                _group.Snapshot(_group.Vol, "s0", PretendGroup.At(0));
            }
        };

        var result = await RunAsync();

        Assert.Equal(["moved", "s0", "s1", "s2"], _group.Snapshots.Order(StringComparer.Ordinal));
        Assert.Equal((ActionOutcome.SucceededWithWarnings, 0L), (result.Outcome, result.LvmPrune.DestroyedTotal));
    }

    [Fact]
    public async Task Run_OpenedAtTheVeryLastMoment_LvmRefusesAndTheOthersGo()
    {
        _group.Hourly(4);
        _group.OnAsked = line =>
        {
            if (line.StartsWith("lvremove", StringComparison.Ordinal) && line.EndsWith("vg/s0", StringComparison.Ordinal))
            {
                Use(_group.All.Single(v => v.Name == "s0"), "open");
            }
        };

        var result = await RunAsync();

        Assert.Equal(["s0", "s2", "s3"], _group.Snapshots);
        Assert.Equal("vg/s0 stays: Logical volume vg/s0 contains a filesystem in use.", Assert.Single(result.Details));
    }

    [Fact]
    public async Task Run_ClassicThatOverflowed_GoesBeforeAGoodOne()
    {
        _group.Snapshot(_group.Home, "h0", PretendGroup.At(0));
        _group.Snapshot(_group.Home, "h1", PretendGroup.At(1)).Invalid = "snapshot invalid";
        _group.Snapshot(_group.Home, "h2", PretendGroup.At(2));

        await RunAsync(a => a.Volumes[0] = "vg/home");

        Assert.Equal(["h0", "h2"], _group.Snapshots);
    }

    [Fact]
    public async Task Run_TwoOwners_GoesOnlyWhenBothAgree()
    {
        _group.Hourly(4);
        _group.All.Single(v => v.Name == "s0").Tags += ",fleet.policy=archive";

        await RunAsync();
        Assert.Equal(["s0", "s2", "s3"], _group.Snapshots);

        Assign("thin-archive", "archive");
        _group.Snapshot(_group.Vol, "a", PretendGroup.At(9), Tags.Replace("nightly", "archive", StringComparison.Ordinal));
        await RunAsync();
        Assert.Equal(["s2", "s3", "a"], _group.Snapshots);
    }

    [Fact]
    public async Task Run_GuardsFloorAndAge_HoldWhateverIsAsked()
    {
        _group.Hourly(5);
        _rules.Add(new StorageRule("vg/vol", ["prune"], 4, TimeSpan.Zero, "rule"));
        await RunAsync(a => a.Retention.Keep.Last = 1);
        Assert.Equal(["s1", "s2", "s3", "s4"], _group.Snapshots);

        _rules[1] = new StorageRule("vg/vol", ["prune"], 1, TestRun.Instant - PretendGroup.At(2) + TimeSpan.FromSeconds(1), "rule");
        await RunAsync(a => a.Retention.Keep.Last = 1);
        Assert.Equal(["s2", "s3", "s4"], _group.Snapshots);
    }

    [Fact]
    public async Task Run_VolumeThatOnlyAllowsSnapshots_NothingOfTheOthersGoesEither()
    {
        _group.Hourly(4);
        _rules.Add(new StorageRule("vg/home", ["snapshot"], 1, TimeSpan.Zero, "guard.yaml:7: lvm: vg/home"));

        var result = await RunAsync(a => a.Volumes.Add("vg/home"));

        Assert.Equal((ActionOutcome.Refused, "guard.yaml:7: lvm: vg/home"), (result.Outcome, result.RefusedBy));
        Assert.Empty(_group.Asked);
    }

    [Fact]
    public async Task Run_MoreThanTheBudget_AsksAndGoesOnWithTheConfirmation()
    {
        _group.Hourly(5);

        var asking = await RunAsync(a => a.Retention.Budget.MostPercent = 10);
        Assert.Equal((ActionOutcome.Failed, 16, 5), (asking.Outcome, asking.LvmPrune.Confirmation.Length, _group.Snapshots.Count()));
        await RunAsync(a => (a.Retention.Budget.MostPercent, a.Confirmation) = (10, "0123456789abcdef"));
        Assert.Equal(5, _group.Snapshots.Count());
        await RunAsync(a => (a.Retention.Budget.MostPercent, a.Confirmation) = (10, asking.LvmPrune.Confirmation));
        Assert.Equal(["s3", "s4"], _group.Snapshots);
    }

    [Fact]
    public async Task Run_ClockCannotBeTrusted_NothingGoes()
    {
        _group.Hourly(5);
        _host.IsSynchronised = false;

        var result = await RunAsync();

        Assert.Contains("not synchronised", result.Message, StringComparison.Ordinal);
        Assert.Equal(5, _group.Snapshots.Count());
    }

    [Fact]
    public async Task Run_SnapshotFromTheFuture_NothingGoes()
    {
        _group.Hourly(5);
        _group.Snapshot(_group.Vol, "future", TestRun.Instant.AddDays(1));

        var result = await RunAsync();

        Assert.Equal((ActionOutcome.Failed, 6), (result.Outcome, _group.Snapshots.Count()));
        Assert.Contains("is before the newest copy", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_DryRun_SaysWhatWouldGoAndAsksNothingElse()
    {
        _group.Hourly(4);

        var result = await RunAsync(a => a.DryRun = true);
        var assumed = await RunAsync(a => (a.DryRun, a.AssumedNow) = (true, Timestamp.FromDateTimeOffset(PretendGroup.At(100))));

        Assert.Equal(["vg/s1", "vg/s0"], result.LvmPrune.Decisions.Where(d => d.Destroy).Select(d => d.Name));
        Assert.Equal(["uuid-0006", "uuid-0005"], result.LvmPrune.Decisions.Where(d => d.Destroy).Select(d => d.Identity));
        Assert.Equal(4, assumed.LvmPrune.Decisions.Count);
        Assert.All(_group.Asked, a => Assert.True(a.StartsWith("lvs ", StringComparison.Ordinal) || a.StartsWith("vgs ", StringComparison.Ordinal), a));
        Assert.Equal(4, _group.Snapshots.Count());
    }

    [Fact]
    public async Task Run_AssumedTimeOutsideADryRun_IsRefused()
    {
        _group.Hourly(4);

        Assert.Equal(ActionOutcome.Failed, (await RunAsync(a => a.AssumedNow = new Timestamp())).Outcome);
        Assert.Empty(_group.Asked);
    }

    [Theory]
    [InlineData("vg/nosuch", "there is no volume vg/nosuch")]
    [InlineData("vg/pool", "is a thin pool")]
    public async Task Run_OneVolumeIsNotThere_FailsAndTheOthersArePruned(string volume, string says)
    {
        _group.Hourly(4);

        var result = await RunAsync(a => a.Volumes.Add(volume));

        Assert.Equal((ActionOutcome.Failed, 2), (result.Outcome, _group.Snapshots.Count()));
        Assert.Contains(says, result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_UuidThatMeansSomethingInASelection_IsNotUnderstoodAndNothingGoes()
    {
        _group.Hourly(4);
        _group.All[^4].Uuid = "x || lv_name=home";

        var result = await RunAsync();

        Assert.Equal((ActionOutcome.Failed, 4), (result.Outcome, _group.Snapshots.Count()));
        Assert.Throws<ArgumentException>(() => LvmCommands.Remove("vg", "s0", "x || lv_name=home"));
    }

    [Fact]
    public async Task Run_AgeOfAnOwnOneNotKnown_NothingOfTheVolumeGoes()
    {
        _group.Hourly(4);
        _group.All.Single(v => v.Name == "s3").Time = DateTimeOffset.UnixEpoch;

        var result = await RunAsync();

        Assert.Contains("when vg/s3 was made is not known", result.Message, StringComparison.Ordinal);
        Assert.Equal(4, _group.Snapshots.Count());
    }

    [Fact]
    public async Task Run_CancelledInTheMiddle_SaysWhatWent()
    {
        _group.Hourly(6);
        using var cancel = new CancellationTokenSource();
        _group.OnAsked = line =>
        {
            if (line.StartsWith("lvremove", StringComparison.Ordinal))
            {
                cancel.Cancel();
            }
        };

        var result = await RunAsync(cancellationToken: cancel.Token);

        Assert.Equal((ActionOutcome.Cancelled, 1L, 5), (result.Outcome, result.LvmPrune.DestroyedTotal, _group.Snapshots.Count()));
    }

    private List<string> Removed => [.. _group.Asked.Where(a => a.StartsWith("lvremove", StringComparison.Ordinal))];

    private void Use(PretendGroup.Volume snapshot, string how)
    {
        switch (how)
        {
            case "merging": snapshot.Merging = "merging"; break;
            case "open": snapshot.Attributes = "Vwi-aotz--"; break;
            case "unknown": snapshot.Attributes = "Vwi-XXtz-k"; break;
            case "activated": snapshot.Attributes = "Vwi-a-tz-k"; break;
            case "origin": _group.Snapshot(snapshot, "of-a-snapshot", PretendGroup.At(50), ""); break;
            case "untagged": snapshot.Tags = "fleet"; break;
            case "another owner": snapshot.Tags += ",fleet.policy=archive"; break;
            case "another origin": (snapshot.Origin, snapshot.OriginUuid) = ("", ""); break;
            case "renamed": snapshot.Name = "renamed"; break;
            case "gone": _group.Remove(snapshot); break;
            case "replaced":
                _group.Remove(snapshot);
                _group.Snapshot(_group.Vol, snapshot.Name, snapshot.Time);
                break;
            default: throw new ArgumentOutOfRangeException(nameof(how), how, null);
        }
    }

    private void Assign(string policy, string snapshotsOf)
    {
        var action = Prune();
        action.SnapshotsOf = snapshotsOf;
        action.Retention.Keep.Last = 1;
        _host.Assignment.Policies.Add(new AssignedPolicy { Spec = new PolicySpec { Name = policy, Action = new Protocol.V1.Action { LvmPrune = action } } });
    }

    private static LvmPruneAction Prune() => new()
    {
        Volumes = { "vg/vol" },
        SnapshotsOf = "nightly",
        Retention = new Protocol.V1.Retention { Keep = new KeepRules { Last = 2 }, Budget = new RetentionBudget { MostPercent = 100, MostCount = 1_000_000 } },
    };

    private Task<ActionResult> RunAsync(Action<LvmPruneAction>? change = null, CancellationToken cancellationToken = default)
    {
        var action = Prune();
        change?.Invoke(action);
        var context = TestRun.For(new Protocol.V1.Action { LvmPrune = action }, tools: _group);
        return new LvmPruneRun(_host.RetentionClock, () => _host.Assignment).RunAsync(
            context with { Policy = "thin", Guard = context.Guard with { Storage = new StorageRules("guard.yaml", "lvm", _rules) } }, cancellationToken);
    }
}
