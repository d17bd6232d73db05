using System.Text;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Actions.Rsync.Versions;

/// <summary>Dated trees by the real rsync.</summary>
public sealed class VersionedTransferTests : IDisposable
{
    private readonly ScratchTree _tree = new();
    private readonly RsyncHost _host = new();

    public VersionedTransferTests() => _tree.Shell("mkdir -p src/sub; echo same > src/same; echo one > src/sub/changing; chmod 750 src");

    public void Dispose()
    {
        _host.Dispose();
        _tree.Dispose();
    }

    [Fact]
    public async Task Versions_SecondRun_SharesUnchangedFilesOnly()
    {
        var first = await RunAsync(hour: 0);
        _tree.Shell("echo two, longer > src/sub/changing");
        var second = await RunAsync(hour: 1);

        Assert.Equal((ActionOutcome.Succeeded, ActionOutcome.Succeeded), (first.Outcome, second.Outcome));
        Assert.Equal($"{_tree.At("dst")}/fleet_nightly_20261120T215500Z", Encoding.UTF8.GetString(second.Rsync.VersionPath.Span));
        _tree.AssertEqual("src", "dst/fleet_nightly_20261120T215500Z");
        Assert.Equal("one\n", _tree.Read("dst/fleet_nightly_20261120T205500Z/sub/changing"));
        Assert.Equal("1\n", _tree.Shell("stat -c %i dst/fleet_*/same | sort -u | wc -l"));
        Assert.Equal("2\n", _tree.Shell("stat -c %i dst/fleet_*/sub/changing | sort -u | wc -l"));
        Assert.Equal("", _tree.Shell("find dst -name '*.partial*'"));
    }

    [Fact]
    public async Task Versions_BrokenOffRun_IsNoVersionAndItsFilesServeTheNext()
    {
        await RunAsync(hour: 0);
        _tree.Shell("head -c 3000000 /dev/zero > src/big; echo small > src/a-small");
        using var cancel = new CancellationTokenSource();
        var log = new RecordingLog { OnProgress = p => _ = p.BytesDone > 100_000 ? cancel.CancelAsync() : null };
        var slow = Action(r => r.BandwidthLimitBytesPerSecond = 500_000);
        var broken = await _host.Action.RunAsync(TestRun.For(slow, log, TestRun.Instant.AddHours(1)), cancel.Token);

        Assert.Equal(ActionOutcome.Cancelled, broken.Outcome);
        Assert.Equal("fleet_nightly_20261120T205500Z\n", _tree.Shell("ls dst"));
        var inode = _tree.Shell("stat -c %i dst/.fleet_*.partial/a-small");

        // An attribute that changes later must not reach the older tree through a shared inode.
        _tree.Shell("chmod 600 src/same");
        var next = await RunAsync(hour: 2);

        Assert.Equal(ActionOutcome.Succeeded, next.Outcome);
        _tree.AssertEqual("src", "dst/fleet_nightly_20261120T225500Z");
        Assert.Equal(inode, _tree.Shell("stat -c %i dst/fleet_nightly_20261120T225500Z/a-small"));
        Assert.Equal("644\n", _tree.Shell("stat -c %a dst/fleet_nightly_20261120T205500Z/same"));
        Assert.Equal("", _tree.Shell("find dst -name '*.partial*'"));
    }

    [Fact]
    public async Task Versions_SameRunAgain_ChangesNothingMore()
    {
        var runId = Guid.NewGuid().ToString("N");
        await _host.Action.RunAsync(TestRun.For(Action(), runId: runId), CancellationToken.None);
        _tree.Shell("echo later > src/later");

        var again = await _host.Action.RunAsync(TestRun.For(Action(), runId: runId, attempt: 2), CancellationToken.None);

        Assert.Equal(ActionOutcome.Succeeded, again.Outcome);
        Assert.Equal("fleet_nightly_20261120T205500Z\n", _tree.Shell("ls dst"));
        Assert.False(File.Exists(_tree.At("dst/fleet_nightly_20261120T205500Z/later")));
    }

    [Fact]
    public async Task Versions_TwoRunsInOneSecond_AreTwoTrees()
    {
        await RunAsync(hour: 0);
        await RunAsync(hour: 0);

        Assert.Equal("2\n", _tree.Shell("ls dst | wc -l"));
    }

    [Fact]
    public async Task KeepVersions_MoreTrees_RemovesOnlyFleetsOwn()
    {
        _tree.Shell("mkdir -p dst/fleet_nightly_20200101T000000Z; echo mine > dst/fleet_nightly_20200101T000000Z/precious");
        for (var hour = 0; hour < 4; hour++)
        {
            var result = await RunAsync(hour, r => r.KeepVersions = 2);
            Assert.Equal(ActionOutcome.Succeeded, result.Outcome);
            Assert.Equal(
                hour < 3 ? [] : [_tree.At("dst/fleet_nightly_20261120T205500Z")],
                result.Rsync.RemovedVersionPaths.Select(v => v.ToStringUtf8()));
        }

        Assert.Equal(
            "fleet_nightly_20200101T000000Z\nfleet_nightly_20261120T215500Z\nfleet_nightly_20261120T225500Z\nfleet_nightly_20261120T235500Z\n",
            _tree.Shell("ls dst"));
        Assert.Equal("mine\n", _tree.Read("dst/fleet_nightly_20200101T000000Z/precious"));
        Assert.Equal("3\n", _tree.Shell("ls dst/.fleet/fleet_* | wc -l"));
    }

    [Fact]
    public async Task KeepVersions_FolderWasReplaced_IsLeftAlone()
    {
        await RunAsync(hour: 0);
        _tree.Shell("cd dst; mv fleet_nightly_20261120T205500Z moved; mkdir fleet_nightly_20261120T205500Z; echo mine > fleet_nightly_20261120T205500Z/precious");
        await RunAsync(hour: 1, r => r.KeepVersions = 1);

        var result = await RunAsync(hour: 2, r => r.KeepVersions = 1);

        Assert.Equal("mine\n", _tree.Read("dst/fleet_nightly_20261120T205500Z/precious"));
        Assert.Equal(ActionOutcome.SucceededWithWarnings, result.Outcome);
        Assert.Contains(result.Details, d => d.Contains("not the folder that Fleet made", StringComparison.Ordinal));
    }

    [Fact]
    public async Task KeepVersions_NewerTreeThanThisRun_RemovesNothing()
    {
        await RunAsync(hour: 5);
        await RunAsync(hour: 6);

        var result = await RunAsync(hour: 1, r => r.KeepVersions = 1);

        Assert.Equal(ActionOutcome.SucceededWithWarnings, result.Outcome);
        Assert.Contains(result.Details, d => d.Contains("the clock is or was wrong", StringComparison.Ordinal));
        Assert.Equal("3\n", _tree.Shell("ls dst | wc -l"));
    }

    [Fact]
    public async Task DryRun_Versions_ShowsThePlanAndChangesNothing()
    {
        await RunAsync(hour: 0);
        await RunAsync(hour: 1);
        _tree.Shell("echo 1 > src/new");

        var result = await RunAsync(hour: 2, r => (r.DryRun, r.KeepVersions) = (true, 1));

        Assert.Equal(ActionOutcome.Succeeded, result.Outcome);
        Assert.Contains("would make fleet_nightly_20261120T225500Z, linked to fleet_nightly_20261120T215500Z", result.Details);
        Assert.Contains("would remove fleet_nightly_20261120T205500Z", result.Details);
        Assert.Equal("2\n", _tree.Shell("ls dst | wc -l"));
    }

    [Fact]
    public async Task Mirror_IntoDatedTrees_IsRefused()
    {
        await RunAsync(hour: 0);

        var result = await _host.Action.RunAsync(
            TestRun.For(TestRun.Rsync(RsyncMode.Mirror, _tree.At("src"), _tree.At("dst"))), CancellationToken.None);

        Assert.Equal(ActionOutcome.Refused, result.Outcome);
        Assert.Equal("fleet_nightly_20261120T205500Z\n", _tree.Shell("ls dst"));
    }

    [Fact]
    public async Task Versions_DamagedRecord_IsLeftAloneAndReported()
    {
        await RunAsync(hour: 0);
        _tree.Shell("echo '{' > dst/.fleet/fleet_nightly_20261120T205500Z.json");

        var result = await RunAsync(hour: 1, r => r.KeepVersions = 1);

        Assert.Equal(ActionOutcome.SucceededWithWarnings, result.Outcome);
        Assert.Equal("2\n", _tree.Shell("ls dst | wc -l"));
    }

    private Protocol.V1.Action Action(Action<RsyncAction>? change = null) =>
        TestRun.Rsync(RsyncMode.Versions, _tree.At("src"), _tree.At("dst"), change);

    private Task<ActionResult> RunAsync(int hour, Action<RsyncAction>? change = null) =>
        _host.Action.RunAsync(TestRun.For(Action(change), at: TestRun.Instant.AddHours(hour)), CancellationToken.None);
}
