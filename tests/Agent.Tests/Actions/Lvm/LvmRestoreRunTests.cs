using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Actions.Lvm;

/// <summary>Merges: what comes first, what waits, what is refused. The same on a real group: RealGroupRestoreTests.</summary>
public sealed class LvmRestoreRunTests : IDisposable
{
    private const string Safety = "vol.fleet_safety_20261120T205500Z-1846a328";
    private readonly LvmFixture _fixture = new();

    public LvmRestoreRunTests()
    {
        _fixture.Rules[0] = _fixture.Rules[0] with { Allow = ["rollback"] };
        _fixture.Group.Vol.Attributes = "Vwi-a-tz--";
        _fixture.Group.Hourly(3);
    }

    private List<string> Merged => [.. _fixture.Group.Asked.Where(a => a.StartsWith("lvconvert", StringComparison.Ordinal))];

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Run_VolumeThatNobodyHasOpen_IsMergedAtOnceAfterASafetySnapshot()
    {
        var result = await _fixture.RestoreAsync();

        Assert.Equal((ActionOutcome.Succeeded, $"vg/vol has the content of vg/s0; its previous state is in vg/{Safety}"), (result.Outcome, result.Message));
        Assert.Equal(
            [
                $"lvcreate -s -n {Safety} --addtag fleet --addtag fleet.run={PretendGroup.Run} "
                    + $"--addtag fleet.safety={PretendGroup.Run} vg/vol",
            ],
            _fixture.Made);
        Assert.Equal(["lvconvert -y --merge vg/s0"], Merged);
        Assert.Equal(
            ("vg/vol", $"vg/{Safety}", false),
            (result.LvmRestore.Volume, result.LvmRestore.Safety.Name, result.LvmRestore.Pending));
        Assert.Equal(["vg/s1", "vg/s2", $"vg/{Safety}"], result.LvmRestore.Detached);
        await _fixture.WatchAsync();
        Assert.Empty(_fixture.Told);
    }

    [Fact]
    public async Task Run_VolumeThatIsOpen_IsNotCalledRestoredUntilItIs()
    {
        _fixture.Group.Vol.Attributes = "Vwi-aotz--";

        var result = await _fixture.RestoreAsync();
        await _fixture.WatchAsync();

        Assert.Equal((ActionOutcome.SucceededWithWarnings, true), (result.Outcome, result.LvmRestore.Pending));
        Assert.Contains("not restored yet: vg/vol is open", result.Message, StringComparison.Ordinal);
        Assert.Empty(_fixture.Told);
        _fixture.Group.ActivateAgain(_fixture.Group.Vol);
        await _fixture.WatchAsync(new Fleet.Agent.Lvm.LvmMergeRecords(_fixture.State.File("merges")));
        Assert.Equal([("lvm_merge_completed", $"vg/vol has the content of vg/s0; its previous state is in vg/{Safety}")], _fixture.Told);
        _fixture.Group.Asked.Clear();
        await _fixture.WatchAsync();
        Assert.Empty(_fixture.Group.Asked);
    }

    [Fact]
    public async Task Run_SecondAttemptWhileItWaits_AsksForNothingTwice()
    {
        _fixture.Group.Vol.Attributes = "Vwi-aotz--";
        await _fixture.RestoreAsync();

        var waiting = await _fixture.RestoreAsync();
        _fixture.Group.ActivateAgain(_fixture.Group.Vol);
        var through = await _fixture.RestoreAsync();

        Assert.Equal((ActionOutcome.SucceededWithWarnings, ActionOutcome.Succeeded), (waiting.Outcome, through.Outcome));
        Assert.Single(Merged);
        Assert.Single(_fixture.Made);
    }

    [Fact]
    public async Task Run_SecondAttemptOfOneThatDiedBeforeTheMerge_Merges()
    {
        _fixture.Group.OnAsked = line =>
            _ = line.StartsWith("lvconvert", StringComparison.Ordinal) ? throw new TimeoutException("as if the agent died") : 0;
        await Assert.ThrowsAsync<TimeoutException>(() => _fixture.RestoreAsync());
        _fixture.Group.OnAsked = null;

        var result = await _fixture.RestoreAsync();

        Assert.Equal(ActionOutcome.Succeeded, result.Outcome);
        Assert.Single(_fixture.Made);
    }

    [Fact]
    public async Task Run_ClassicSnapshot_GetsASafetySnapshotAsLargeAsTheMergeCanNeed()
    {
        _fixture.Group.Home.Attributes = "-wi-a-----";
        _fixture.Group.Snapshot(_fixture.Group.Home, "h0", PretendGroup.At(0)).Size = "50331648";
        _fixture.Group.MergeGoesOn = true;

        var result = await _fixture.RestoreAsync(a => (a.Snapshot, a.Uuid) = ("vg/h0", _fixture.Group.All[^1].Uuid));
        await _fixture.WatchAsync();

        Assert.Equal((ActionOutcome.SucceededWithWarnings, true), (result.Outcome, result.LvmRestore?.Pending));
        Assert.Contains("is still being merged into vg/home", result.Message, StringComparison.Ordinal);
        Assert.Contains(" -L 54525952b ", Assert.Single(_fixture.Made), StringComparison.Ordinal);
        Assert.Empty(result.LvmRestore!.Detached);
        Assert.Empty(_fixture.Told);
        _fixture.Group.ActivateAgain(_fixture.Group.Home);
        await _fixture.WatchAsync();
        Assert.Equal("lvm_merge_completed", Assert.Single(_fixture.Told).Code);
    }

    [Fact]
    public async Task Watch_SnapshotOrVolumeThatGoesAway_IsToldAsLostOnce()
    {
        _fixture.Group.Vol.Attributes = "Vwi-aotz--";
        await _fixture.RestoreAsync();
        _fixture.Group.Remove(_fixture.Group.Vol);

        await _fixture.WatchAsync();
        await _fixture.WatchAsync();

        Assert.Equal("lvm_merge_lost", Assert.Single(_fixture.Told).Code);
    }

    [Fact]
    public async Task Watch_GroupThatIsNotThere_WaitsForIt()
    {
        _fixture.Group.Vol.Attributes = "Vwi-aotz--";
        await _fixture.RestoreAsync();
        _fixture.Group.GroupIsAway = true;
        await _fixture.WatchAsync();
        Assert.Empty(_fixture.Told);

        _fixture.Group.GroupIsAway = false;
        _fixture.Group.ActivateAgain(_fixture.Group.Vol);
        await _fixture.WatchAsync();

        Assert.Equal("lvm_merge_completed", Assert.Single(_fixture.Told).Code);
    }

    [Fact]
    public async Task Watch_WhileTheRunGoesOn_DoesNotJudgeIt()
    {
        _fixture.Group.OnAsked = line =>
        {
            if (line.StartsWith("lvconvert", StringComparison.Ordinal))
            {
                _fixture.Group.OnAsked = null;
                _fixture.WatchAsync().Wait();
            }
        };

        await _fixture.RestoreAsync();

        Assert.Empty(_fixture.Told);
    }

    [Fact]
    public async Task Watch_RecordThatMakesNoSense_IsKeptAsideAndTold()
    {
        Directory.CreateDirectory(_fixture.State.File("merges"));
        _fixture.State.Write($"merges/{PretendGroup.Run}.json", "{");

        await _fixture.WatchAsync();
        await _fixture.WatchAsync();

        Assert.Equal("state_damaged", Assert.Single(_fixture.Told).Code);
        Assert.True(File.Exists(_fixture.State.File($"merges/{PretendGroup.Run}.json.damaged")));
    }

    [Fact]
    public async Task Run_DryRun_SaysThePlanAndChangesNothing()
    {
        _fixture.Group.Vol.Attributes = "Vwi-aotz--";

        var result = await _fixture.RestoreAsync(a => (a.Uuid, a.DryRun) = ("", true));

        Assert.Equal(ActionOutcome.Succeeded, result.Outcome);
        Assert.Equal(
            [
                "vg/vol gets the content of vg/s0, of 2026-09-12 10:15:00Z: everything written to it since is lost",
                $"its current state is first kept as vg/{Safety}",
                "vg/vol is open: the merge waits for its next activation (unmount it, then lvchange -an and lvchange -ay; or a restart of the host)",
                "vg/s0 disappears",
                $"vg/{Safety} and 2 other snapshot(s) become volumes of their own: no policy prunes them any longer, and none can be merged; files can be restored from them",
            ],
            result.Details);
        Assert.Equal(
            (_fixture.Group.All.Single(v => v.Name == "s0").Uuid, true),
            (result.LvmRestore.Snapshot.Uuid, result.LvmRestore.Pending));
        Assert.Empty(_fixture.Made);
        Assert.Empty(Merged);
    }

    [Theory]
    [InlineData("vg/nosuch", "", "there is no volume vg/nosuch")]
    [InlineData("vg/vol", "vol", "does not carry Fleet's tags")]
    [InlineData("vg/foreign", "foreign", "does not carry Fleet's tags")]
    [InlineData("vg/forged", "forged", "does not carry Fleet's tags")]
    [InlineData("vg/orphan", "orphan", "is not a snapshot of any volume")]
    [InlineData("vg/open", "open", "it is in use")]
    [InlineData("vg/by-hand", "by-hand", "somebody activated it")]
    [InlineData("vg/protected", "protected", "carries the tag fleet.protected")]
    [InlineData("vg/overflowed", "overflowed", "its content is lost")]
    [InlineData("vg/s0", "s1", "is not the volume that was asked for")]
    [InlineData("vg/s0", "", "UUID is missing")]
    [InlineData("vg/s0 -y", "s0", "is not a snapshot name")]
    public async Task Run_WhatMustNotBeMerged_ChangesNothing(string snapshot, string uuidOf, string says)
    {
        var group = _fixture.Group;
        group.Snapshot(group.Vol, "foreign", PretendGroup.At(0), "");
        group.Snapshot(group.Vol, "forged", PretendGroup.At(0), "fleet,fleet.policy=nightly");
        group.Snapshot(group.Vol, "open", PretendGroup.At(0)).Attributes = "Vwi-aotz-k";
        group.Snapshot(group.Vol, "by-hand", PretendGroup.At(0)).Attributes = "Vwi-a-tz-k";
        group.Snapshot(group.Vol, "protected", PretendGroup.At(0)).Tags += ",fleet.protected";
        var orphan = group.Snapshot(group.Vol, "orphan", PretendGroup.At(0));
        (orphan.Origin, orphan.OriginUuid) = ("", "");
        group.Snapshot(group.Home, "overflowed", PretendGroup.At(0)).Invalid = "snapshot invalid";

        var result = await _fixture.RestoreAsync(a =>
            (a.Snapshot, a.Uuid) = (snapshot, group.All.FirstOrDefault(v => v.Name == uuidOf)?.Uuid ?? ""));

        Assert.Equal(ActionOutcome.Failed, result.Outcome);
        Assert.Contains(says, result.Message, StringComparison.Ordinal);
        Assert.Empty(_fixture.Made);
        Assert.Empty(Merged);
    }

    [Fact]
    public async Task Run_WhileAnotherOneWaits_ChangesNothing()
    {
        _fixture.Group.All.Single(v => v.Name == "s2").Merging = "merging";

        Assert.Contains("already, or waits to be", (await _fixture.RestoreAsync()).Message, StringComparison.Ordinal);
        Assert.Empty(_fixture.Made);
    }

    [Fact]
    public async Task Run_NoRoomForTheSafetySnapshot_MergesNothing()
    {
        _fixture.Group.Pool.Data = "95.00";

        Assert.Contains(
            "no room for the safety snapshot: thin pool vg/pool",
            (await _fixture.RestoreAsync()).Message,
            StringComparison.Ordinal);
        Assert.Empty(Merged);
    }

    [Fact]
    public async Task Run_VolumeOfWhichTheGuardSaysNothing_IsRefused()
    {
        _fixture.Rules.Add(_fixture.Rules[0] with { Name = "vg/vol", Allow = ["snapshot", "prune"] });

        var result = await _fixture.RestoreAsync();

        Assert.Equal(ActionOutcome.Refused, result.Outcome);
        Assert.Contains("does not allow rollback for vg/vol", result.Message, StringComparison.Ordinal);
        Assert.Empty(_fixture.Made);
    }

    [Fact]
    public async Task Run_NameThatIsGivenAwayRightBeforeTheMerge_MergesNothing()
    {
        _fixture.Group.OnAsked = line =>
        {
            if (line.StartsWith("lvcreate", StringComparison.Ordinal))
            {
                _fixture.Group.Remove(_fixture.Group.All.Single(v => v.Name == "s0"));
                _fixture.Group.Snapshot(_fixture.Group.Vol, "s0", PretendGroup.At(0));
            }
        };

        var result = await _fixture.RestoreAsync();

        Assert.Equal(ActionOutcome.Failed, result.Outcome);
        Assert.Contains("is not the volume that was asked for", result.Message, StringComparison.Ordinal);
        Assert.Empty(Merged);
    }

    [Fact]
    public async Task Run_StateThatCannotBeWritten_MergesNothing()
    {
        _fixture.State.Write("merges", "a file");

        var result = await _fixture.RestoreAsync();

        Assert.Contains("so nothing is merged", result.Message, StringComparison.Ordinal);
        Assert.Empty(Merged);
    }
}
