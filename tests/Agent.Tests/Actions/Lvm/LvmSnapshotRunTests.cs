using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Actions.Lvm;

/// <summary>What is made, what is not, and what a further attempt does. The same on a real group: RealGroupTests.</summary>
public sealed class LvmSnapshotRunTests : IDisposable
{
    private const string Name = "fleet_nightly_20261120T205500Z";
    private readonly LvmFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Run_ThinAndClassic_BothGetTheirs()
    {
        var result = await _fixture.SnapshotAsync(a => a.Volumes.Add("vg/home"));

        Assert.Equal((ActionOutcome.Succeeded, "2 of 2 snapshot(s) made"), (result.Outcome, result.Message));
        Assert.Equal([$"vg/vol.{Name}", $"vg/home.{Name}"], result.LvmSnapshot.Snapshots.Select(s => s.Name));
        Assert.Equal([_fixture.Group.Vol.Uuid, _fixture.Group.Home.Uuid], result.LvmSnapshot.Snapshots.Select(s => s.OriginUuid));
        Assert.Equal(
            [
                $"lvcreate -s -n vol.{Name} --addtag fleet --addtag fleet.policy=nightly --addtag fleet.run={PretendGroup.Run} vg/vol",
                $"lvcreate -s -n home.{Name} -L 50331648b --addtag fleet --addtag fleet.policy=nightly --addtag fleet.run={PretendGroup.Run} vg/home",
            ],
            _fixture.Made);
    }

    [Fact]
    public async Task Run_SecondAttempt_MakesOnlyWhatIsMissing()
    {
        var first = await _fixture.SnapshotAsync();

        var second = await _fixture.SnapshotAsync(a => a.Volumes.Add("vg/home"), attempt: 2);

        Assert.Equal((ActionOutcome.Succeeded, 2), (second.Outcome, _fixture.Group.Snapshots.Count()));
        Assert.Equal(first.LvmSnapshot.Snapshots[0].Uuid, second.LvmSnapshot.Snapshots[0].Uuid);
        Assert.Equal(2, _fixture.Made.Count);
    }

    [Fact]
    public async Task Run_SecondAttemptOfOneThatWasRenamed_KnowsItByItsTags()
    {
        await _fixture.SnapshotAsync();
        _fixture.Group.All[^1].Name = "renamed";

        var second = await _fixture.SnapshotAsync(attempt: 2);

        Assert.Equal("vg/renamed", Assert.Single(second.LvmSnapshot.Snapshots).Name);
        Assert.Single(_fixture.Made);
    }

    [Fact]
    public async Task Run_AnotherRunOfTheSecond_GetsANameOfItsOwn()
    {
        await _fixture.SnapshotAsync(runId: "00000000000000000000000000000001");

        var second = await _fixture.SnapshotAsync();

        Assert.Equal($"vg/vol.{Name}-1846a328", Assert.Single(second.LvmSnapshot.Snapshots).Name);
    }

    [Fact]
    public async Task Run_TagsOfTheRunOnAnotherVolumesSnapshot_AreNotTakenForIt()
    {
        _fixture.Group.Snapshot(_fixture.Group.Home, "forged", TestRun.Instant);
        _fixture.Group.Home.Tags = $"fleet,fleet.run={PretendGroup.Run}";

        var result = await _fixture.SnapshotAsync();

        Assert.Equal($"vg/vol.{Name}", Assert.Single(result.LvmSnapshot.Snapshots).Name);
    }

    [Theory]
    [InlineData("vg/nosuch", "there is no volume vg/nosuch")]
    [InlineData("other/vol", "there is no volume other/vol")]
    [InlineData("vg/pool", "is a thin pool")]
    [InlineData("vg/classic", "is a classic snapshot")]
    [InlineData("vg/pool_tdata", "is not a volume name")]
    [InlineData("vg", "is not a volume name")]
    [InlineData("-vg/vol", "is not a volume name")]
    [InlineData("vg/vol/x", "is not a volume name")]
    [InlineData("vg/vol", "is named twice")]
    public async Task Run_WhatCannotBe_FailsBeforeAnythingIsMade(string volume, string says)
    {
        _fixture.Rules.Add(_fixture.Rules[0] with { Name = "other" });
        _fixture.Group.Snapshot(_fixture.Group.Home, "classic", PretendGroup.At(0));

        var result = await _fixture.SnapshotAsync(a => a.Volumes.Add(volume));

        Assert.Equal((ActionOutcome.Failed, false), (result.Outcome, result.Retryable));
        Assert.Contains(says, result.Message, StringComparison.Ordinal);
        Assert.Empty(_fixture.Made);
    }

    [Fact]
    public async Task Run_PolicyWhoseNameMakesAReservedOne_SaysSo()
    {
        // LVM keeps every name with _cmeta in it for itself.
        var result = await _fixture.SnapshotAsync(policy: "cmeta");

        Assert.Contains("LVM does not accept the name vol.fleet_cmeta_", result.Message, StringComparison.Ordinal);
        Assert.Empty(_fixture.Made);
    }

    [Fact]
    public async Task Run_NameTooLongWithTheGroup_SaysSo() =>
        Assert.Contains(
            "is too long for LVM",
            (await _fixture.SnapshotAsync(policy: string.Concat(Enumerable.Repeat("a-", 31)))).Message,
            StringComparison.Ordinal);

    [Fact]
    public async Task Run_WhileASnapshotWaitsForItsMerge_NothingIsMade()
    {
        _fixture.Group.Snapshot(_fixture.Group.Vol, "old", PretendGroup.At(0), "by-hand").Merging = "merging";

        Assert.Contains("is being merged into vg/vol", (await _fixture.SnapshotAsync()).Message, StringComparison.Ordinal);
        Assert.Empty(_fixture.Made);
    }

    [Fact]
    public async Task Run_VolumeThatIsReplacedMeanwhile_IsNotTakenForIt()
    {
        _fixture.Group.OnAsked = line =>
        {
            if (line.StartsWith("lvcreate", StringComparison.Ordinal))
            {
                _fixture.Group.Remove(_fixture.Group.Vol);
                _fixture.Group.Thin("vol");
            }
        };

        var result = await _fixture.SnapshotAsync();

        Assert.Equal((ActionOutcome.Failed, true, 0), (result.Outcome, result.Retryable, result.LvmSnapshot.Snapshots.Count));
    }

    [Fact]
    public async Task Run_SecondOneFails_TheFirstIsInTheResult()
    {
        _fixture.Group.OnAsked = line =>
        {
            if (line.StartsWith("lvcreate", StringComparison.Ordinal) && line.EndsWith("vg/home", StringComparison.Ordinal))
            {
                _fixture.Group.Remove(_fixture.Group.Home);
            }
        };

        var result = await _fixture.SnapshotAsync(a => a.Volumes.Add("vg/home"));

        Assert.Equal(
            (ActionOutcome.Failed, "1 of 2 snapshot(s) made; Snapshot origin LV home not found in Volume group vg."),
            (result.Outcome, result.Message));
        Assert.Single(result.LvmSnapshot.Snapshots);
    }

    [Fact]
    public async Task Run_DryRun_OnlyLooks()
    {
        var result = await _fixture.SnapshotAsync(a => a.DryRun = true);

        Assert.Equal((ActionOutcome.Succeeded, $"vg/vol.{Name}"), (result.Outcome, Assert.Single(result.Details)));
        Assert.Empty(_fixture.Made);
        Assert.Null(result.LvmSnapshot);
    }

    [Fact]
    public async Task Run_NotAllowedByTheGuard_IsRefusedBeforeItLooks()
    {
        _fixture.Rules[0] = _fixture.Rules[0] with { Allow = ["prune"] };

        var result = await _fixture.SnapshotAsync();

        Assert.Equal(ActionOutcome.Refused, result.Outcome);
        Assert.Empty(_fixture.Group.Asked);
    }

    [Fact]
    public async Task Run_RowThatIsNotUnderstood_NothingIsMade()
    {
        _fixture.Group.Home.Size = "many";

        var result = await _fixture.SnapshotAsync();

        Assert.Contains("not understood: vg/home", result.Message, StringComparison.Ordinal);
        Assert.Empty(_fixture.Made);
    }

    [Fact]
    public async Task Run_CancelledBetweenTwo_SaysWhatWasMade()
    {
        using var cancel = new CancellationTokenSource();
        _fixture.Group.OnAsked = line =>
        {
            if (line.StartsWith("lvcreate", StringComparison.Ordinal))
            {
                cancel.Cancel();
            }
        };

        var result = await _fixture.SnapshotAsync(a => a.Volumes.Add("vg/home"), cancellationToken: cancel.Token);

        Assert.Equal((ActionOutcome.Cancelled, 1), (result.Outcome, result.LvmSnapshot.Snapshots.Count));
    }
}
