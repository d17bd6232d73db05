using Fleet.Agent.Tests.Actions.Lvm;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Actions.Restore;

/// <summary>Files out of LVM snapshots: which ones, and that nothing stays mounted. On a real group: RealGroupRestoreTests.</summary>
public sealed class RestoreFromLvmTests : IDisposable
{
    private readonly RestoreFixture _fixture = new();

    public RestoreFromLvmTests()
    {
        _fixture.Group.Hourly(1);
        _fixture.Group.Files["s0"] = new() { ["etc/hosts"] = "of s0" };
        _fixture.Group.WriteBlockDevices(_fixture.Scratch.At("sys"));
    }

    private PretendGroup.Volume Snapshot => _fixture.Group.All.Single(v => v.Name == "s0");

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Run_ThinSnapshot_IsMountedForItAndLetGoAgain()
    {
        var result = await _fixture.RunAsync(Of("vg/s0", Snapshot.Uuid));

        Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
        Assert.Equal("of s0", _fixture.Scratch.Read("to/new/hosts"));
        Assert.Equal(("vg/s0", Snapshot.Uuid), (result.RestoreFiles.Source, result.RestoreFiles.Identity));
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task Run_DryRunWithoutUuid_SaysIt()
    {
        var action = Of("vg/s0", "");
        action.DryRun = true;

        var result = await _fixture.RunAsync(action);

        Assert.Equal((ActionOutcome.Succeeded, Snapshot.Uuid), (result.Outcome, result.RestoreFiles?.Identity));
        AssertNothingIsLeft();
    }

    [Theory]
    [InlineData("")]
    [InlineData("uuid-9999")]
    public async Task Run_AnotherUuid_MountsNothing(string uuid)
    {
        var result = await _fixture.RunAsync(Of("vg/s0", uuid));

        Assert.Equal(ActionOutcome.Failed, result.Outcome);
        Assert.Contains("is not the volume that was asked for", result.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_fixture.Group.Asked, a => a.StartsWith("mount", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("vg/home", "is not a snapshot")]
    [InlineData("vg/nosuch", "there is no volume vg/nosuch")]
    [InlineData("vg", "is not a snapshot name")]
    [InlineData("vg/s0/../home", "is not a snapshot name")]
    public async Task Run_WhatIsNoSnapshot_MountsNothing(string name, string says)
    {
        var result = await _fixture.RunAsync(Of(name, _fixture.Group.Home.Uuid));

        Assert.Equal(ActionOutcome.Failed, result.Outcome);
        Assert.Contains(says, result.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_fixture.Group.Asked, a => a.StartsWith("mount", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_VolumeThatTheRuleDoesNotList_IsRefusedByTheRule()
    {
        var result = await _fixture.RunAsync(Of("vg/s0", Snapshot.Uuid), rule: _fixture.Rule with { Volumes = ["vg/home"] });

        Assert.Equal((ActionOutcome.Refused, "guard.yaml:1: restore"), (result.Outcome, result.RefusedBy));
        Assert.Contains("vg/vol", result.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_fixture.Group.Asked, a => a.StartsWith("lvchange", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_SnapshotThatLostItsOriginInAMerge_CanStillBeRead()
    {
        (Snapshot.Origin, Snapshot.OriginUuid) = ("", "");

        var result = await _fixture.RunAsync(Of("vg/s0", Snapshot.Uuid));

        Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
    }

    [Fact]
    public async Task Run_RsyncFails_TheSnapshotIsLetGoAllTheSame()
    {
        var action = Of("vg/s0", Snapshot.Uuid);
        action.Path = RestoreFixture.Bytes("nosuch");

        Assert.Equal(ActionOutcome.Failed, (await _fixture.RunAsync(action)).Outcome);
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task Run_UmountFails_TheFilesAreThereAndTheWarningToo()
    {
        _fixture.Group.UnmountError = "umount: target is busy.";

        var result = await _fixture.RunAsync(Of("vg/s0", Snapshot.Uuid));

        Assert.Equal(ActionOutcome.SucceededWithWarnings, result.Outcome);
        Assert.Contains("target is busy", Assert.Single(result.Details), StringComparison.Ordinal);
        Assert.Equal("of s0", _fixture.Scratch.Read("to/new/hosts"));
    }

    private RestoreFilesAction Of(string name, string uuid) => new()
    {
        Lvm = new LvmSnapshotRef { Name = name, Uuid = uuid },
        Path = RestoreFixture.Bytes("etc"),
        Destination = RestoreFixture.Bytes(_fixture.Scratch.At("to/new")),
    };

    private void AssertNothingIsLeft()
    {
        Assert.Empty(_fixture.Group.Mounted);
        Assert.Equal('-', Snapshot.Attributes[4]);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_fixture.Scratch.At("mounts")));
    }
}
