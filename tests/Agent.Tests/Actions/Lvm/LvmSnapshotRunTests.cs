using Fleet.Agent.Actions.Lvm;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Actions.Lvm;

/// <summary>What is made, what is not, and what a further attempt does. The same on a real group: RealGroupTests.</summary>
public sealed class LvmSnapshotRunTests
{
    private const string Name = "fleet_nightly_20261120T205500Z";
    private readonly PretendGroup _group = new();
    private readonly LvmSnapshotRun _action = new();

    [Fact]
    public async Task Run_ThinAndClassic_BothGetTheirs()
    {
        var result = await RunAsync(a => a.Volumes.Add("vg/home"));

        Assert.Equal((ActionOutcome.Succeeded, "2 of 2 snapshot(s) made"), (result.Outcome, result.Message));
        Assert.Equal([$"vg/vol.{Name}", $"vg/home.{Name}"], result.LvmSnapshot.Snapshots.Select(s => s.Name));
        Assert.Equal([_group.Vol.Uuid, _group.Home.Uuid], result.LvmSnapshot.Snapshots.Select(s => s.OriginUuid));
        Assert.Equal(
            [
                $"lvcreate -s -n vol.{Name} --addtag fleet --addtag fleet.policy=nightly --addtag fleet.run={PretendGroup.Run} vg/vol",
                $"lvcreate -s -n home.{Name} -L 50331648b --addtag fleet --addtag fleet.policy=nightly --addtag fleet.run={PretendGroup.Run} vg/home",
            ],
            Made);
    }

    [Fact]
    public async Task Run_SecondAttempt_MakesOnlyWhatIsMissing()
    {
        var first = await RunAsync();

        var second = await RunAsync(a => a.Volumes.Add("vg/home"), attempt: 2);

        Assert.Equal((ActionOutcome.Succeeded, 2), (second.Outcome, _group.Snapshots.Count()));
        Assert.Equal(first.LvmSnapshot.Snapshots[0].Uuid, second.LvmSnapshot.Snapshots[0].Uuid);
        Assert.Equal(2, Made.Count);
    }

    [Fact]
    public async Task Run_SecondAttemptOfOneThatWasRenamed_KnowsItByItsTags()
    {
        await RunAsync();
        _group.All[^1].Name = "renamed";

        var second = await RunAsync(attempt: 2);

        Assert.Equal("vg/renamed", Assert.Single(second.LvmSnapshot.Snapshots).Name);
        Assert.Single(Made);
    }

    [Fact]
    public async Task Run_SecondAttemptWithAFullPool_IsNotToldToMakeRoom()
    {
        await RunAsync();
        _group.Pool.Data = "99.00";

        Assert.Equal(ActionOutcome.Succeeded, (await RunAsync(attempt: 2)).Outcome);
    }

    [Fact]
    public async Task Run_AnotherRunOfTheSecond_GetsANameOfItsOwn()
    {
        await RunAsync(runId: "00000000000000000000000000000001");

        var second = await RunAsync();

        Assert.Equal($"vg/vol.{Name}-1846a328", Assert.Single(second.LvmSnapshot.Snapshots).Name);
    }

    [Fact]
    public async Task Run_TagsOfTheRunOnAnotherVolumesSnapshot_AreNotTakenForIt()
    {
        _group.Snapshot(_group.Home, "forged", TestRun.Instant);
        _group.Home.Tags = $"fleet,fleet.run={PretendGroup.Run}";

        var result = await RunAsync();

        Assert.Equal($"vg/vol.{Name}", Assert.Single(result.LvmSnapshot.Snapshots).Name);
    }

    [Theory]
    [InlineData("80.01", "12.00", "thin pool vg/pool: data 80.01 %, metadata 12 %; no snapshots past 80 % and 70 %")]
    [InlineData("10.00", "70.50", "thin pool vg/pool: data 10 %, metadata 70.5 %; no snapshots past 80 % and 70 %")]
    [InlineData("", "12.00", "how full it is is not known")]
    [InlineData("10.00", "", "how full it is is not known")]
    public async Task Run_PoolPastItsLimit_NothingIsMadeAndTheNumbersAreSaid(string data, string metadata, string says)
    {
        (_group.Pool.Data, _group.Pool.Metadata) = (data, metadata);

        var result = await RunAsync(a => a.Volumes.Add("vg/home"));

        Assert.Equal((ActionOutcome.Failed, false), (result.Outcome, result.Retryable));
        Assert.Contains(says, result.Message, StringComparison.Ordinal);
        Assert.Empty(Made);
    }

    [Fact]
    public async Task Run_PolicysOwnLimits_AreWhatCounts()
    {
        (_group.Pool.Data, _group.Pool.Metadata) = ("90.00", "72.00");
        Assert.Equal(ActionOutcome.Succeeded, (await RunAsync(a => (a.MaxDataPercent, a.MaxMetadataPercent) = (90, 72))).Outcome);

        (_group.Pool.Data, _group.Pool.Metadata) = ("31.00", "1.00");
        Assert.Contains("past 30 % and 70 %", (await RunAsync(a => a.MaxDataPercent = 30, runId: "00000000000000000000000000000001")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_PoolThatIsNotWell_NothingIsMade()
    {
        _group.Pool.Health = "metadata_read_only";

        Assert.Contains("metadata_read_only", (await RunAsync()).Message, StringComparison.Ordinal);
        Assert.Empty(Made);
    }

    [Theory]
    [InlineData(50_331_648, 0, 50_331_648, true)]
    [InlineData(50_331_648, 0, 50_331_647, false)]
    [InlineData(50_331_649, 0, 50_331_649, false)]
    [InlineData(50_331_648, 1, 50_331_648, false)]
    [InlineData(50_331_648, 1, 50_331_649, true)]
    [InlineData(long.MaxValue, 0, 50_331_648, false)]
    public async Task Run_Classic_NeedsRoomInTheGroupInWholeExtents(long size, long minFree, long free, bool isMade)
    {
        _group.FreeBytes = free;

        var result = await RunAsync(a =>
        {
            a.Volumes[0] = "vg/home";
            (a.ClassicSizeBytes, a.MinGroupFreeBytes) = (size, minFree);
        });

        Assert.Equal(isMade ? ActionOutcome.Succeeded : ActionOutcome.Failed, result.Outcome);
        Assert.Equal(isMade ? 1 : 0, Made.Count);
    }

    [Fact]
    public async Task Run_TwoClassic_NeedRoomForBoth()
    {
        _group.FreeBytes = 100_000_000;
        _group.Plain("third");

        var result = await RunAsync(a =>
        {
            a.Volumes[0] = "vg/home";
            a.Volumes.Add("vg/third");
            a.ClassicSizeBytes = 60_000_000;
        });

        Assert.Equal(ActionOutcome.Failed, result.Outcome);
        Assert.Contains("group vg: ", result.Message, StringComparison.Ordinal);
        Assert.Empty(Made);
    }

    [Fact]
    public async Task Run_ThinInAGroupThatMustKeepMoreFree_IsNotMade()
    {
        _group.FreeBytes = 10;

        Assert.Contains("10B free", (await RunAsync(a => a.MinGroupFreeBytes = 11)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vg/nosuch", "there is no volume vg/nosuch")]
    [InlineData("other/vol", "there is no volume other/vol")]
    [InlineData("vg/pool", "is a thin pool")]
    [InlineData("vg/classic", "is a classic snapshot")]
    [InlineData("vg/pool_tdata", "is no name of a volume")]
    [InlineData("vg", "is no name of a volume")]
    [InlineData("-vg/vol", "is no name of a volume")]
    [InlineData("vg/vol/x", "is no name of a volume")]
    [InlineData("vg/vol", "is named twice")]
    public async Task Run_WhatCannotBe_FailsBeforeAnythingIsMade(string volume, string says)
    {
        _group.Snapshot(_group.Home, "classic", PretendGroup.At(0));

        var result = await RunAsync(a => a.Volumes.Add(volume), guard: volume.Split('/')[0]);

        Assert.Equal((ActionOutcome.Failed, false), (result.Outcome, result.Retryable));
        Assert.Contains(says, result.Message, StringComparison.Ordinal);
        Assert.Empty(Made);
    }

    [Fact]
    public async Task Run_ClassicWithoutASize_SaysThatItNeedsOne() =>
        Assert.Contains("vg/home is not thin", (await RunAsync(a => (a.Volumes[0], a.ClassicSizeBytes) = ("vg/home", 0))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Run_PolicyWhoseNameMakesAReservedOne_SaysSo()
    {
        // LVM keeps every name with _cmeta in it for itself.
        var result = await RunAsync(policy: "cmeta");

        Assert.Contains("LVM does not take the name vol.fleet_cmeta_", result.Message, StringComparison.Ordinal);
        Assert.Empty(Made);
    }

    [Fact]
    public async Task Run_NameTooLongWithTheGroup_SaysSo() =>
        Assert.Contains("too long a name", (await RunAsync(policy: string.Concat(Enumerable.Repeat("a-", 31)))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Run_WhileASnapshotWaitsForItsMerge_NothingIsMade()
    {
        _group.Snapshot(_group.Vol, "old", PretendGroup.At(0), "by-hand").Merging = "merging";

        Assert.Contains("is being merged into vg/vol", (await RunAsync()).Message, StringComparison.Ordinal);
        Assert.Empty(Made);
    }

    [Fact]
    public async Task Run_VolumeThatIsReplacedMeanwhile_IsNotTakenForIt()
    {
        _group.OnAsked = line =>
        {
            if (line.StartsWith("lvcreate", StringComparison.Ordinal))
            {
                _group.Remove(_group.Vol);
                _group.Thin("vol");
            }
        };

        var result = await RunAsync();

        Assert.Equal((ActionOutcome.Failed, true, 0), (result.Outcome, result.Retryable, result.LvmSnapshot.Snapshots.Count));
    }

    [Fact]
    public async Task Run_SecondOneFails_TheFirstIsInTheResult()
    {
        _group.OnAsked = line =>
        {
            if (line.StartsWith("lvcreate", StringComparison.Ordinal) && line.EndsWith("vg/home", StringComparison.Ordinal))
            {
                _group.Remove(_group.Home);
            }
        };

        var result = await RunAsync(a => a.Volumes.Add("vg/home"));

        Assert.Equal((ActionOutcome.Failed, "1 of 2 snapshot(s) made; Snapshot origin LV home not found in Volume group vg."), (result.Outcome, result.Message));
        Assert.Single(result.LvmSnapshot.Snapshots);
    }

    [Fact]
    public async Task Run_DryRun_OnlyLooks()
    {
        var result = await RunAsync(a => a.DryRun = true);

        Assert.Equal((ActionOutcome.Succeeded, $"vg/vol.{Name}"), (result.Outcome, Assert.Single(result.Details)));
        Assert.Empty(Made);
        Assert.Null(result.LvmSnapshot);
    }

    [Fact]
    public async Task Run_NotAllowedByTheGuard_IsRefusedBeforeItLooks()
    {
        var result = await RunAsync(guard: "elsewhere");

        Assert.Equal(ActionOutcome.Refused, result.Outcome);
        Assert.Empty(_group.Asked);
    }

    [Fact]
    public async Task Run_RowThatIsNotUnderstood_NothingIsMade()
    {
        _group.Home.Size = "many";

        var result = await RunAsync();

        Assert.Contains("not understood: vg/home", result.Message, StringComparison.Ordinal);
        Assert.Empty(Made);
    }

    [Fact]
    public async Task Run_CancelledBetweenTwo_SaysWhatWasMade()
    {
        using var cancel = new CancellationTokenSource();
        _group.OnAsked = line =>
        {
            if (line.StartsWith("lvcreate", StringComparison.Ordinal))
            {
                cancel.Cancel();
            }
        };

        var result = await RunAsync(a => a.Volumes.Add("vg/home"), cancellationToken: cancel.Token);

        Assert.Equal((ActionOutcome.Cancelled, 1), (result.Outcome, result.LvmSnapshot.Snapshots.Count));
    }

    private List<string> Made => [.. _group.Asked.Where(a => a.StartsWith("lvcreate", StringComparison.Ordinal))];

    private Task<ActionResult> RunAsync(
        Action<LvmSnapshotAction>? change = null, string runId = PretendGroup.Run, int attempt = 1, string policy = "nightly", string guard = "vg", CancellationToken cancellationToken = default)
    {
        var action = new LvmSnapshotAction { Volumes = { "vg/vol" }, ClassicSizeBytes = 50_331_648 };
        change?.Invoke(action);
        var context = TestRun.For(new Protocol.V1.Action { LvmSnapshot = action }, runId: runId, attempt: attempt, tools: _group);
        var rules = new[] { "vg", guard }.Distinct().Where(g => guard != "elsewhere" || g == guard).Select(g => new Agent.Guard.StorageRule(g, ["snapshot"], 1, TimeSpan.Zero, "test"));
        return _action.RunAsync(
            context with { Policy = policy, Guard = context.Guard with { Storage = new Agent.Guard.StorageRules("guard.yaml", "lvm", [.. rules]) } }, cancellationToken);
    }
}
