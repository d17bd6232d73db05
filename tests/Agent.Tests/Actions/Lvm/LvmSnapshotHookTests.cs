using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Agent.Tests.Actions.Lvm;

/// <summary>The commands before and after snapshots of volumes.</summary>
public sealed class LvmSnapshotHookTests : IDisposable
{
    private readonly LvmFixture _fixture = new();

    private List<string> Steps =>
        [
            .. _fixture
                .Group.Asked.Select(a => a.Split(' '))
                .Where(a => a[0] is "lvcreate" or PretendGroup.Hook)
                .Select(a => a[0] == "lvcreate" ? "snapshot" : a[1]),
        ];

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Run_BeforeAndAfter_AreAroundTheSnapshotWithTheirOwnTimes()
    {
        var result = await _fixture.SnapshotAsync(a =>
        {
            (a.Before, a.After) = (Hook("freeze"), Hook("thaw"));
            a.Before.Timeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(20));
        });

        Assert.Equal((ActionOutcome.Succeeded, "1 of 1 snapshot(s) made"), (result.Outcome, result.Message));
        Assert.Equal(["freeze", "snapshot", "thaw"], Steps);
        Assert.Equal([TimeSpan.FromSeconds(20), TimeSpan.FromMinutes(1)], _fixture.Group.HookTimeouts);
    }

    [Fact]
    public async Task Run_BeforeFails_NoSnapshotIsMadeAndAfterStillRuns()
    {
        _fixture.Group.FailingHook = "freeze";

        var result = await _fixture.SnapshotAsync(a => (a.Before, a.After) = (Hook("freeze"), Hook("thaw")));

        Assert.Equal(ActionOutcome.Failed, result.Outcome);
        Assert.StartsWith("no snapshot was made, because the command before it did not succeed", result.Message, StringComparison.Ordinal);
        Assert.Equal(["freeze", "thaw"], Steps);
    }

    [Fact]
    public async Task Run_AfterFails_TheSnapshotIsThereAndTheRunWarns()
    {
        _fixture.Group.FailingHook = "thaw";

        var result = await _fixture.SnapshotAsync(a => a.After = Hook("thaw"));

        Assert.Equal((ActionOutcome.SucceededWithWarnings, 1), (result.Outcome, result.LvmSnapshot.Snapshots.Count));
        Assert.StartsWith("the command after did not succeed", result.Details[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_CancelledWhileBeforeRuns_MakesNothingAndAfterStillRuns()
    {
        using var cancel = new CancellationTokenSource();
        _fixture.Group.OnAsked = line => _ = line.EndsWith("freeze", StringComparison.Ordinal) ? cancel.CancelAsync() : null;

        var result = await _fixture.SnapshotAsync(
            a => (a.Before, a.After) = (Hook("freeze"), Hook("thaw")), cancellationToken: cancel.Token);

        Assert.Equal(ActionOutcome.Cancelled, result.Outcome);
        Assert.Equal(["freeze", "thaw"], Steps);
    }

    [Fact]
    public async Task Run_RoomThatIsGoneAfterBefore_MakesNothing()
    {
        _fixture.Group.OnAsked = line =>
            _fixture.Group.Pool.Data = line.EndsWith("freeze", StringComparison.Ordinal) ? "95.00" : _fixture.Group.Pool.Data;

        var result = await _fixture.SnapshotAsync(a => (a.Before, a.After) = (Hook("freeze"), Hook("thaw")));

        Assert.Equal(ActionOutcome.Failed, result.Outcome);
        Assert.Contains("95 %", result.Message, StringComparison.Ordinal);
        Assert.Equal(["freeze", "thaw"], Steps);
    }

    [Fact]
    public async Task Run_NoRoomFromTheStart_StopsNothingForIt()
    {
        _fixture.Group.Pool.Data = "95.00";

        await _fixture.SnapshotAsync(a => (a.Before, a.After) = (Hook("freeze"), Hook("thaw")));

        Assert.Empty(Steps);
    }

    [Fact]
    public async Task Run_DryRun_RunsNeither()
    {
        await _fixture.SnapshotAsync(a => (a.Before, a.After, a.DryRun) = (Hook("freeze"), Hook("thaw"), true));

        Assert.Empty(Steps);
    }

    private static SnapshotHook Hook(string what) =>
        new()
        {
            Command = new CommandAction { Program = PretendGroup.Hook, Arguments = { what } },
        };
}
