using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Actions.Lvm;

/// <summary>What somebody else does with a snapshot before, while and after its end is planned.</summary>
public sealed class LvmPruneMeanwhileTests : IDisposable
{
    private readonly LvmFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData("merging")]
    [InlineData("open")]
    [InlineData("unknown")]
    [InlineData("activated")]
    [InlineData("origin")]
    [InlineData("protected")]
    public async Task Run_InUseAlready_IsNotPlannedToGo(string how)
    {
        _fixture.Group.Hourly(5);
        Use(_fixture.Group.All.Single(v => v.Name == "s1"), how);

        var result = await _fixture.PruneAsync();

        Assert.Equal(ActionOutcome.Succeeded, result.Outcome);
        Assert.Contains("s1", _fixture.Group.Snapshots);
        Assert.DoesNotContain("s0", _fixture.Group.Snapshots);
        Assert.DoesNotContain(_fixture.Removed, r => r.EndsWith("vg/s1", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("merging", "is being merged")]
    [InlineData("open", "it is in use")]
    [InlineData("activated", "somebody activated it")]
    [InlineData("origin", "there are snapshots of it")]
    [InlineData("untagged", "no longer carries Fleet's tags")]
    [InlineData("protected", "fleet.protected")]
    [InlineData("another owner", "its owners have changed")]
    [InlineData("another origin", "no longer a snapshot of vg/vol")]
    [InlineData("renamed", "it has been renamed")]
    [InlineData("gone", "it is already gone")]
    [InlineData("replaced", "another volume has taken the name")]
    public async Task Run_ChangesAfterThePlan_ItStaysAndSaysWhy(string how, string says)
    {
        _fixture.Group.Hourly(5);
        var victim = _fixture.Group.All.Single(v => v.Name == "s1");
        var looks = 0;
        _fixture.Group.OnAsked = line =>
        {
            // The second look is the one after the plan.
            if (line.StartsWith("lvs", StringComparison.Ordinal) && ++looks == 2)
            {
                Use(victim, how);
            }
        };

        var result = await _fixture.PruneAsync();

        Assert.Equal((ActionOutcome.SucceededWithWarnings, 2L), (result.Outcome, result.LvmPrune.DestroyedTotal));
        Assert.Contains(result.Details, d =>
            d.StartsWith("vg/s1 stays: ", StringComparison.Ordinal) && d.Contains(says, StringComparison.Ordinal));
        Assert.DoesNotContain(_fixture.Removed, r => r.EndsWith("vg/s1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_NameGivenToAnotherVolumeAtTheVeryLastMoment_LvremoveItselfPassesItOver()
    {
        _fixture.Group.Hourly(3);
        var victim = _fixture.Group.All.Single(v => v.Name == "s0");
        _fixture.Group.OnAsked = line =>
        {
            if (line.StartsWith("lvremove", StringComparison.Ordinal) && _fixture.Group.All.Contains(victim))
            {
                victim.Name = "moved";
                _fixture.Group.Snapshot(_fixture.Group.Vol, "s0", PretendGroup.At(0));
            }
        };

        var result = await _fixture.PruneAsync();

        Assert.Equal(["moved", "s0", "s1", "s2"], _fixture.Group.Snapshots.Order(StringComparer.Ordinal));
        Assert.Equal((ActionOutcome.SucceededWithWarnings, 0L), (result.Outcome, result.LvmPrune.DestroyedTotal));
    }

    [Fact]
    public async Task Run_OpenedAtTheVeryLastMoment_LvmRefusesAndTheOthersGo()
    {
        _fixture.Group.Hourly(4);
        _fixture.Group.OnAsked = line =>
        {
            if (line.StartsWith("lvremove", StringComparison.Ordinal) && line.EndsWith("vg/s0", StringComparison.Ordinal))
            {
                Use(_fixture.Group.All.Single(v => v.Name == "s0"), "open");
            }
        };

        var result = await _fixture.PruneAsync();

        Assert.Equal(["s0", "s2", "s3"], _fixture.Group.Snapshots);
        Assert.Equal("vg/s0 stays: Logical volume vg/s0 contains a filesystem in use.", Assert.Single(result.Details));
    }

    [Fact]
    public async Task Run_CancelledInTheMiddle_SaysWhatWent()
    {
        _fixture.Group.Hourly(6);
        using var cancel = new CancellationTokenSource();
        _fixture.Group.OnAsked = line =>
        {
            if (line.StartsWith("lvremove", StringComparison.Ordinal))
            {
                cancel.Cancel();
            }
        };

        var result = await _fixture.PruneAsync(cancellationToken: cancel.Token);

        Assert.Equal((ActionOutcome.Cancelled, 1L, 5), (result.Outcome, result.LvmPrune.DestroyedTotal, _fixture.Group.Snapshots.Count()));
    }

    private void Use(PretendGroup.Volume snapshot, string how)
    {
        switch (how)
        {
            case "merging": snapshot.Merging = "merging"; break;
            case "open": snapshot.Attributes = "Vwi-aotz--"; break;
            case "unknown": snapshot.Attributes = "Vwi-XXtz-k"; break;
            case "activated": snapshot.Attributes = "Vwi-a-tz-k"; break;
            case "origin": _fixture.Group.Snapshot(snapshot, "of-a-snapshot", PretendGroup.At(50), ""); break;
            case "untagged": snapshot.Tags = "fleet"; break;
            case "protected": snapshot.Tags += ",fleet.protected"; break;
            case "another owner": snapshot.Tags += ",fleet.policy=archive"; break;
            case "another origin": (snapshot.Origin, snapshot.OriginUuid) = ("", ""); break;
            case "renamed": snapshot.Name = "renamed"; break;
            case "gone": _fixture.Group.Remove(snapshot); break;
            case "replaced":
                _fixture.Group.Remove(snapshot);
                _fixture.Group.Snapshot(_fixture.Group.Vol, snapshot.Name, snapshot.Time);
                break;
            default: throw new ArgumentOutOfRangeException(nameof(how), how, null);
        }
    }
}
