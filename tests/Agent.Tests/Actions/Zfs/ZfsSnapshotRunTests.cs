using Fleet.Agent.Actions.Zfs;
using Fleet.Agent.Tests.Tools;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Actions.Zfs;

/// <summary>
/// The action against what real releases answered, command line for command line. The same on a real pool: tests/rig/check-zfs.
/// </summary>
public sealed class ZfsSnapshotRunTests
{
    private const string First = "fleet_nightly_20261120T205500Z";
    private const string Clash = "fleet_nightly_20261121T205500Z";
    private const string Run = "1846a328cf9540b68137b0507d35680c";

    public static TheoryData<string> Releases => Recording.Releases(Recording.OfZfs);

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task Run_Recursive_MakesThemAtOneInstant(string release)
    {
        var tools = Tools(release, "run-targets", "run-snapshot", "run-named");

        var result = await RunAsync(tools, TestRun.Instant);

        Assert.Equal((ActionOutcome.Succeeded, 2L), (result.Outcome, result.ZfsSnapshot.SnapshotsTotal));
        Assert.Equal([$"tank/app@{First}", $"tank/app/db@{First}"], result.ZfsSnapshot.Snapshots.Select(s => s.Name));
        Assert.Single(result.ZfsSnapshot.Snapshots.Select(s => s.CreateTransactionGroup).Distinct());
        Assert.All(result.ZfsSnapshot.Snapshots, s => Assert.NotEqual(0UL, s.Guid));
        Assert.Equal(3, tools.Asked.Count);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task Run_SecondAttempt_MakesNothingMore(string release)
    {
        var tools = Tools(release, "run-targets", "run-again", "run-named");

        var result = await RunAsync(tools, TestRun.Instant, attempt: 2);

        Assert.Equal((ActionOutcome.Succeeded, 2L), (result.Outcome, result.ZfsSnapshot.SnapshotsTotal));
        Assert.Equal(3, tools.Asked.Count);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task Run_AnotherRunOfTheSecond_GetsANameOfItsOwn(string release)
    {
        var tools = Tools(release, "run-targets", "clash-snapshot", "clash-named", "clash-second-snapshot", "clash-second-named");

        var result = await RunAsync(tools, TestRun.Instant.AddDays(1));

        Assert.Equal([$"tank/app@{Clash}-1846a328", $"tank/app/db@{Clash}-1846a328"], result.ZfsSnapshot.Snapshots.Select(s => s.Name));
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task Run_NoSuchDataset_FailsOnceAndForAll(string release)
    {
        var result = await RunAsync(Tools(release, "targets-unknown"), TestRun.Instant, a =>
            (a.Datasets[0], a.Recursive) = ("tank/nosuch", false));

        Assert.Equal(
            (ActionOutcome.Failed, false, "cannot open 'tank/nosuch': dataset does not exist"),
            (result.Outcome, result.Retryable, result.Message));
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task Run_DryRun_OnlyLooks(string release)
    {
        var tools = Tools(release, "run-targets");

        var result = await RunAsync(tools, TestRun.Instant, a =>
        {
            a.DryRun = true;
            a.Before = new SnapshotHook { Command = new CommandAction { Program = "/bin/false" } };
        });

        Assert.Equal([$"tank/app@{First}", $"tank/app/db@{First}"], result.Details);
        Assert.Equal(ActionOutcome.Succeeded, result.Outcome);
        Assert.Single(tools.Asked);
    }

    [Fact]
    public async Task Run_WithoutPolicy_CarriesItsNoteAndNoPolicy()
    {
        var pool = new PretendPool { Datasets = { ["tank/app"] = null } };
        var action = new ZfsSnapshotAction { Datasets = { "tank/app" }, Note = "before the upgrade – Jörg's idea" };

        var result = await new ZfsSnapshotRun().RunAsync(AdHoc(action, pool), CancellationToken.None);

        Assert.Equal("tank/app@fleet_adhoc_20261120T205500Z", Assert.Single(result.ZfsSnapshot.Snapshots).Name);
        Assert.Contains(
            $"snapshot -o fleet:run={Run} -o fleet:host=7f0c6b3e-0000-4000-8000-000000000001 -o fleet:note=before the upgrade – Jörg's idea tank/app@fleet_adhoc_20261120T205500Z",
            pool.Asked);
    }

    [Theory]
    [InlineData("two\nlines")]
    [InlineData("a\ttab")]
    public async Task Run_NoteThatCannotBePrinted_MakesNothing(string note)
    {
        var pool = new PretendPool { Datasets = { ["tank/app"] = null } };

        var result = await new ZfsSnapshotRun().RunAsync(
            AdHoc(new ZfsSnapshotAction { Datasets = { "tank/app" }, Note = note }, pool), CancellationToken.None);

        Assert.Equal(ActionOutcome.Failed, result.Outcome);
        Assert.Empty(pool.Asked);
    }

    private static Fleet.Agent.Actions.ActionContext AdHoc(ZfsSnapshotAction action, IToolRunner tools) =>
        TestRun.For(new Protocol.V1.Action { ZfsSnapshot = action }, runId: Run, tools: tools) with { Policy = "" };

    private static RecordedTools Tools(string release, params string[] names) =>
        new(names.Select(n => new Recording(release, n, Recording.OfZfs)));

    private static Task<ActionResult> RunAsync(
        IToolRunner tools, DateTimeOffset at, Action<ZfsSnapshotAction>? change = null, int attempt = 1)
    {
        var action = new ZfsSnapshotAction { Datasets = { "tank/app" }, Recursive = true };
        change?.Invoke(action);
        return new ZfsSnapshotRun().RunAsync(
            TestRun.For(new Protocol.V1.Action { ZfsSnapshot = action }, at: at, runId: Run, attempt: attempt, tools: tools),
            CancellationToken.None);
    }
}
