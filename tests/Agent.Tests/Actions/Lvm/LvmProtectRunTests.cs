using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Actions.Lvm;

/// <summary>
/// Protecting and letting go: which snapshots, by what identity, and that it holds. The same on a real group: RealGroupTests.
/// </summary>
public sealed class LvmProtectRunTests : IDisposable
{
    private readonly LvmFixture _fixture = new();

    public LvmProtectRunTests()
    {
        _fixture.Rules[0] = _fixture.Rules[0] with { Allow = ["hold", "prune"] };
        _fixture.Group.Hourly(4);
    }

    private List<string> Changed => [.. _fixture.Group.Asked.Where(a => a.StartsWith("lvchange", StringComparison.Ordinal))];

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Run_TwiceEach_SetsAndTakesAwayOnceAndSaysSoBothTimes()
    {
        var uuid = _fixture.Ref("s0").Uuid;
        foreach (var release in new[] { false, false, true, true })
        {
            var result = await _fixture.ProtectAsync(a => a.Release = release);

            Assert.Equal(
                (ActionOutcome.Succeeded, $"1 of 1 snapshot(s) are {(release ? "unprotected" : "protected")}"),
                (result.Outcome, result.Message));
            Assert.Equal("vg/s0", Assert.Single(result.LvmProtect.Snapshots));
            Assert.Equal(!release, _fixture.Group.All.Single(v => v.Name == "s0").Tags.Split(',').Contains("fleet.protected"));
        }

        Assert.Equal(
            [
                $"lvchange --addtag fleet.protected --select lv_uuid={uuid} vg/s0",
                $"lvchange --deltag fleet.protected --select lv_uuid={uuid} vg/s0",
            ],
            Changed);
    }

    [Fact]
    public async Task Run_Protected_SurvivesThePruneUntilItIsLetGo()
    {
        await _fixture.ProtectAsync();

        await _fixture.PruneAsync();
        var kept = _fixture.Group.Snapshots.ToList();
        await _fixture.ProtectAsync(a => a.Release = true);
        await _fixture.PruneAsync();

        Assert.Equal(["s0", "s2", "s3"], kept);
        Assert.Equal(["s2", "s3"], _fixture.Group.Snapshots);
    }

    [Fact]
    public async Task Run_Several_AreAllProtected()
    {
        _fixture.Group.Snapshot(_fixture.Group.Home, "h0", PretendGroup.At(0));

        var result = await _fixture.ProtectAsync(a => a.Snapshots.Add([_fixture.Ref("s1"), _fixture.Ref("h0")]));

        Assert.Equal(["vg/s0", "vg/s1", "vg/h0"], result.LvmProtect.Snapshots);
        Assert.Equal(3, Changed.Count);
    }

    [Theory]
    [InlineData(false, "1 of 2 snapshot(s) would be protected", "vg/s0 would be protected", "vg/s1 is already protected")]
    [InlineData(true, "1 of 2 snapshot(s) would be unprotected", "vg/s0 is not protected", "vg/s1 would be unprotected")]
    public async Task Run_DryRun_SaysThePlanAndChangesNothing(bool release, string message, params string[] details)
    {
        _fixture.Group.All.Single(v => v.Name == "s1").Tags += ",fleet.protected";

        var result = await _fixture.ProtectAsync(a =>
        {
            a.Snapshots.Add(_fixture.Ref("s1"));
            (a.Release, a.DryRun) = (release, true);
        });

        Assert.Equal((ActionOutcome.Succeeded, $"dry run: {message}"), (result.Outcome, result.Message));
        Assert.Equal(details, result.Details);
        Assert.Empty(Changed);
    }

    [Theory]
    [InlineData("nosuch", "nosuch", "there is no volume vg/nosuch")]
    [InlineData("vol", "vol", "does not carry Fleet's tags")]
    [InlineData("foreign", "foreign", "does not carry Fleet's tags")]
    [InlineData("forged", "forged", "does not carry Fleet's tags")]
    [InlineData("tagged", "tagged", "is not a snapshot of any volume")]
    [InlineData("merging", "merging", "is being merged")]
    [InlineData("s0", "s1", "is not the volume that was asked for")]
    [InlineData("s0 -y", "s0", "is not the name and UUID of a snapshot")]
    public async Task Run_OneThatMustNotBe_ChangesNoneOfThem(string snapshot, string uuidOf, string says)
    {
        var group = _fixture.Group;
        group.Snapshot(group.Vol, "foreign", PretendGroup.At(0), "");
        group.Snapshot(group.Vol, "forged", PretendGroup.At(0), "fleet,fleet.policy=nightly");
        group.Plain("tagged").Tags = $"fleet,fleet.run={PretendGroup.Run}";
        group.Snapshot(group.Vol, "merging", PretendGroup.At(0)).Merging = "merging";

        var result = await _fixture.ProtectAsync(a =>
            a.Snapshots.Add(new LvmSnapshotRef { Name = $"vg/{snapshot}", Uuid = _fixture.Ref(uuidOf).Uuid }));

        Assert.Equal(ActionOutcome.Failed, result.Outcome);
        Assert.Contains(says, result.Message, StringComparison.Ordinal);
        Assert.Empty(Changed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_WithoutIdentity_ChangesNothing(bool dryRun)
    {
        var result = await _fixture.ProtectAsync(a => (a.Snapshots[0].Uuid, a.DryRun) = ("", dryRun));

        Assert.Equal(ActionOutcome.Failed, result.Outcome);
        Assert.Empty(_fixture.Group.Asked);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_VolumeOfWhichTheGuardDoesNotAllowIt_IsRefused(bool release)
    {
        _fixture.Rules.Add(_fixture.Rules[0] with { Name = "vg/vol", Allow = ["snapshot", "prune"] });

        var result = await _fixture.ProtectAsync(a => a.Release = release);

        Assert.Equal(ActionOutcome.Refused, result.Outcome);
        Assert.Contains("does not allow hold for vg/vol", result.Message, StringComparison.Ordinal);
        Assert.Empty(Changed);
    }

    [Fact]
    public async Task Run_SnapshotThatLostItsOriginToAMerge_CanStillBeLetGo()
    {
        var orphan = _fixture.Group.All.Single(v => v.Name == "s0");
        (orphan.Origin, orphan.OriginUuid) = ("", "");
        orphan.Tags += ",fleet.protected";

        var result = await _fixture.ProtectAsync(a => a.Release = true);

        Assert.Equal(ActionOutcome.Succeeded, result.Outcome);
        Assert.DoesNotContain("fleet.protected", orphan.Tags, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_NameGivenToAnotherAtTheVeryLastMoment_LvchangeItselfPassesItOver()
    {
        var victim = _fixture.Group.All.Single(v => v.Name == "s0");
        _fixture.Group.OnAsked = line =>
        {
            if (line.StartsWith("lvchange", StringComparison.Ordinal))
            {
                victim.Name = "moved";
                _fixture.Group.Snapshot(_fixture.Group.Vol, "s0", PretendGroup.At(0));
            }
        };

        var result = await _fixture.ProtectAsync();

        Assert.Equal((ActionOutcome.Failed, "0 of 1 snapshot(s) are protected"), (result.Outcome, result.Message));
        Assert.Contains("its name or UUID has changed since", Assert.Single(result.Details), StringComparison.Ordinal);
        Assert.DoesNotContain(_fixture.Group.All, v => v.Tags.Contains("fleet.protected", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_OneThatIsGoneMeanwhile_SaysSoAndTheOthersAreProtected()
    {
        _fixture.Group.OnAsked = line =>
        {
            if (line.StartsWith("lvchange", StringComparison.Ordinal) && line.EndsWith("vg/s0", StringComparison.Ordinal))
            {
                _fixture.Group.Remove(_fixture.Group.All.Single(v => v.Name == "s0"));
            }
        };

        var result = await _fixture.ProtectAsync(a => a.Snapshots.Add(_fixture.Ref("s1")));

        Assert.Equal((ActionOutcome.Failed, "1 of 2 snapshot(s) are protected"), (result.Outcome, result.Message));
        Assert.Contains("Failed to find logical volume", Assert.Single(result.Details), StringComparison.Ordinal);
        Assert.Equal("vg/s1", Assert.Single(result.LvmProtect.Snapshots));
    }

    [Fact]
    public async Task Run_CancelledInTheMiddle_SaysWhatWasDone()
    {
        using var cancel = new CancellationTokenSource();
        _fixture.Group.OnAsked = line => _ = line.StartsWith("lvchange", StringComparison.Ordinal) ? cancel.CancelAsync() : null;

        var result = await _fixture.ProtectAsync(a => a.Snapshots.Add(_fixture.Ref("s1")), cancel.Token);

        Assert.Equal((ActionOutcome.Cancelled, "1 of 2 snapshot(s) are protected"), (result.Outcome, result.Message));
        Assert.Equal("vg/s0", Assert.Single(result.LvmProtect.Snapshots));
    }

    [Fact]
    public async Task Run_GroupThatIsGoneAfterwards_IsNotCalledDone()
    {
        _fixture.Group.OnAsked = line => _fixture.Group.GroupIsAway |= line.StartsWith("lvchange", StringComparison.Ordinal);

        var result = await _fixture.ProtectAsync();

        Assert.Equal((ActionOutcome.Failed, 0), (result.Outcome, result.LvmProtect.Snapshots.Count));
    }
}
