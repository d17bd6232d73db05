using System.Text;
using Fleet.Agent.Actions.Rsync.Ownership;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Actions.Rsync.Versions;

/// <summary>Nobody but mode versions writes at, above or below a folder of dated trees.</summary>
public sealed class VersionsFolderTests : IDisposable
{
    private readonly ScratchTree _tree = new();
    private readonly RsyncHost _host = new();

    public VersionsFolderTests() => _tree.Shell("mkdir -p src disk/a/b/c/d; echo 1 > src/a");

    public void Dispose()
    {
        _host.Dispose();
        _tree.Dispose();
    }

    public static TheoryData<string, RsyncMode, string> Writers => new()
    {
        { "disk/web", RsyncMode.Mirror, "only mode versions" },
        { "disk/web", RsyncMode.Copy, "only mode versions" },
        { "disk", RsyncMode.Mirror, "below the destination" },
        { "disk", RsyncMode.Copy, "below the destination" },
        { "disk/web/fleet_theirs_20261120T205500Z", RsyncMode.Mirror, "lies in" },
        { "disk/web/fleet_theirs_20261120T205500Z/deep", RsyncMode.Copy, "lies in" },
        { "disk/web/.fleet", RsyncMode.Copy, "lies in" },
        { "disk/web/fleet_theirs_20261120T205500Z", RsyncMode.Versions, "lies in" },
    };

    [Theory]
    [MemberData(nameof(Writers))]
    public async Task OtherWriter_AtAboveOrBelow_IsRefused(string destination, RsyncMode mode, string expected)
    {
        await VersionsAsync("disk/web", "theirs");
        var before = _tree.Shell("find disk | sort");

        var result = await RunAsync(mode, destination, "mine");

        Assert.Equal((ActionOutcome.Refused, RefusalSource.SafetyRule), (result.Outcome, result.RefusalSource));
        Assert.Contains(expected, result.Message, StringComparison.Ordinal);
        Assert.Equal(before, _tree.Shell("find disk | sort"));
    }

    [Fact]
    public async Task FarBelow_RememberedByTheHost_IsRefused()
    {
        await VersionsAsync("disk/a/b/c/d", "theirs");

        var copy = await RunAsync(RsyncMode.Copy, "disk", "mine");
        Assert.Equal(ActionOutcome.Refused, copy.Outcome);
    }

    [Fact]
    public async Task FarBelow_BehindManyOtherFolders_IsNotForgotten()
    {
        await VersionsAsync("disk/a/b/c/d", "theirs");
        for (var other = 0; other < 1_001; other++)
        {
            _host.Folders.Remember(Encoding.ASCII.GetBytes($"/nosuch/{other}"));
        }

        // Without its mark in the list of what would be deleted.
        var hidden = TestRun.Rsync(RsyncMode.Mirror, _tree.At("src"), _tree.At("disk"), r => r.Excludes.Add(".fleet"));
        var result = await _host.Action.RunAsync(TestRun.For(hidden, policy: "mine"), CancellationToken.None);

        Assert.True(result.Outcome == ActionOutcome.Refused, result.ToString());
    }

    [Fact]
    public void Remember_MoreThanItHolds_IsRefusedAndForgetsNothing()
    {
        using var state = new TemporaryFolder();
        state.Write(
            "folders",
            string.Concat(
                Enumerable.Range(0, VersionFolders.Most).Select(i => $"{Convert.ToHexString(Encoding.ASCII.GetBytes($"/disk/{i}"))}\n")));
        var folders = new VersionFolders(state.File("folders"));

        var refused = Assert.Throws<IOException>(() => folders.Remember("/more"u8.ToArray()));

        Assert.Contains(state.File("folders"), refused.Message, StringComparison.Ordinal);
        folders.Remember("/disk/0"u8.ToArray());
        Assert.Equal(VersionFolders.Most, folders.Below("/"u8.ToArray()).Count);
    }

    [Fact]
    public async Task FarBelow_NotRemembered_IsSeenInWhatAMirrorWouldDelete()
    {
        await VersionsAsync("disk/a/b/c/d", "theirs");
        using var forgetful = new RsyncHost();

        var result = await forgetful.Action.RunAsync(
            TestRun.For(TestRun.Rsync(RsyncMode.Mirror, _tree.At("src"), _tree.At("disk")), policy: "mine"),
            CancellationToken.None);

        Assert.Equal(ActionOutcome.Refused, result.Outcome);
        Assert.Contains("holds dated trees", result.Message, StringComparison.Ordinal);
        Assert.True(Directory.Exists(_tree.At("disk/a/b/c/d/.fleet")));
    }

    [Fact]
    public async Task CopyOfAFolderOfTrees_AndAnotherProgramsFolder_AreNone()
    {
        await VersionsAsync("disk/web", "theirs");
        _tree.Shell("mkdir -p home/alice/.fleet; echo x > home/alice/.fleet/settings.json; cp -a disk home/alice/disk");

        for (var run = 0; run < 2; run++)
        {
            var result = await _host.Action.RunAsync(
                TestRun.For(TestRun.Rsync(RsyncMode.Mirror, _tree.At("home"), _tree.At("away")), policy: "mine"),
                CancellationToken.None);
            Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
        }

        _tree.AssertEqual("home", "away");
    }

    [Fact]
    public async Task TwoPolicies_OneHost_ShareAFolder()
    {
        await VersionsAsync("disk/web", "one");
        await VersionsAsync("disk/web", "two");

        Assert.Equal("2\n", _tree.Shell("ls disk/web | wc -l"));
    }

    [Fact]
    public async Task AnotherHostsFolder_AsksAndIsAdopted()
    {
        await VersionsAsync("disk/web", "one");
        var elsewhere = TestRun.For(
            TestRun.Rsync(RsyncMode.Versions, _tree.At("src"), _tree.At("disk/web")),
            at: TestRun.Instant.AddHours(1)
        ) with
        {
            HostId = "other",
            HostName = "web9",
        };

        var asked = await _host.Action.RunAsync(elsewhere, CancellationToken.None);
        elsewhere.Action.Rsync.Confirmation = asked.RsyncPlan.Confirmation;
        var before = _tree.Shell("ls disk/web | wc -l");
        var adopted = await _host.Action.RunAsync(elsewhere, CancellationToken.None);

        Assert.Equal((ActionOutcome.Failed, "1\n"), (asked.Outcome, before));
        Assert.Contains("belongs to host test", asked.Message, StringComparison.Ordinal);
        Assert.True(adopted.Outcome == ActionOutcome.Succeeded, adopted.ToString());
    }

    [Fact]
    public async Task Versions_IntoTheDestinationOfAMirror_IsRefused()
    {
        await RunAsync(RsyncMode.Mirror, "disk/mirror", "theirs");

        var result = await RunAsync(RsyncMode.Versions, "disk/mirror", "mine");

        Assert.Equal(ActionOutcome.Refused, result.Outcome);
        Assert.Contains("dated trees need a folder of their own", result.Message, StringComparison.Ordinal);
    }

    private async Task VersionsAsync(string destination, string policy)
    {
        var result = await RunAsync(RsyncMode.Versions, destination, policy);
        Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
    }

    private Task<ActionResult> RunAsync(RsyncMode mode, string destination, string policy) =>
        _host.Action.RunAsync(
            TestRun.For(TestRun.Rsync(mode, _tree.At("src"), _tree.At(destination)), policy: policy), CancellationToken.None);
}
