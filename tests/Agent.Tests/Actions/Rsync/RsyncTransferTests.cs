using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Actions.Rsync;

/// <summary>The real rsync on real trees.</summary>
public sealed class RsyncTransferTests : IDisposable
{
    private readonly ScratchTree _tree = new();
    private readonly RsyncHost _host = new();

    public void Dispose()
    {
        _host.Dispose();
        _tree.Dispose();
    }

    [Fact]
    public async Task Copy_OddNames_ArriveByteForByte()
    {
        _tree.Shell("""
            mkdir -p src/sub; cd src; printf a > $'new\nline'; printf b > $'bad\xff\xfe'; printf c > -rf; printf d > ' spaces  '; printf e > 'glob*?[1]'
            ln -s nowhere dangling; printf f > 'back\slash'; printf g > 'sub/colon:name'; printf h > $'cr\rname'; mkfifo pipe; chmod 0400 -- -rf; touch -d @1 sub
            """);
        var log = new RecordingLog();

        var result = await RunAsync(TestRun.Rsync(RsyncMode.Copy, _tree.At("src"), _tree.At("dst")), log);

        Assert.Equal(ActionOutcome.Succeeded, result.Outcome);
        _tree.AssertEqual("src", "dst");
        Assert.Equal(8, result.Rsync.FilesTransferred);
        Assert.Contains(log.AllProgress, p => p.FilesTotal > 0);
    }

    [Fact]
    public async Task Copy_PathItselfIsOdd_Works()
    {
        _tree.Shell("""mkdir -- $'-s\nrc\xff'; echo x > $'-s\nrc\xff/file'""");

        var result = await RunAsync(TestRun.Rsync(RsyncMode.Copy, _tree.At("-s\nrc\xff"), _tree.At("d\nst\xfe")));

        Assert.Equal(ActionOutcome.Succeeded, result.Outcome);
        Assert.Equal("x\n", _tree.Shell("""cat $'d\nst\xfe/file'"""));
    }

    [Fact]
    public async Task Mirror_ExtraFiles_AreDeletedAndOnlyThose()
    {
        _tree.Shell("mkdir -p src/keep outside; echo 1 > src/keep/a");
        await RunAsync(TestRun.Rsync(RsyncMode.Mirror, _tree.At("src"), _tree.At("dst")));
        _tree.Shell(
            "mkdir dst/extra; echo 22 > dst/keep/a; echo 3 > dst/extra/b; echo 4 > outside/c; ln -s ../outside dst/link; echo s > dst/x.tmp");

        var result = await RunAsync(TestRun.Rsync(RsyncMode.Mirror, _tree.At("src"), _tree.At("dst"), r => r.Excludes.Add("*.tmp")));

        Assert.Equal(ActionOutcome.Succeeded, result.Outcome);
        Assert.Equal("keep\nkeep/a\nx.tmp\n", _tree.Shell("cd dst; find . -mindepth 1 ! -name .fleet-owner.json -printf '%P\\n' | sort"));
        Assert.Equal("4\n", _tree.Read("outside/c"));
        Assert.Equal(3, result.Rsync.FilesDeleted);
    }

    [Theory]
    [InlineData(RsyncMode.Mirror)]
    [InlineData(RsyncMode.Versions)]
    public async Task EmptySource_MirrorOrVersions_IsRefusedAndNothingChanges(RsyncMode mode)
    {
        _tree.Shell("mkdir src dst; echo precious > dst/file");

        var result = await RunAsync(TestRun.Rsync(mode, _tree.At("src"), _tree.At("dst")));

        Assert.Equal((ActionOutcome.Refused, RefusalSource.SafetyRule), (result.Outcome, result.RefusalSource));
        Assert.Contains("filled source", result.RefusedBy, StringComparison.Ordinal);
        Assert.Equal("precious\n", _tree.Read("dst/file"));
        Assert.Equal("dst\ndst/file\nsrc\n", _tree.Shell("find . -mindepth 1 -printf '%P\\n' | sort"));
    }

    [Fact]
    public async Task FewerEntriesThanAsked_Copy_IsRefused()
    {
        _tree.Shell("mkdir src; touch src/{1,2}");

        var result = await RunAsync(TestRun.Rsync(RsyncMode.Copy, _tree.At("src"), _tree.At("dst"), r => r.MinSourceEntries = 3));

        Assert.Equal(ActionOutcome.Refused, result.Outcome);
        Assert.Contains("holds 2 entries, at least 3", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MissingSource_Mirror_IsRefused()
    {
        _tree.Shell("mkdir dst; touch dst/precious");

        var result = await RunAsync(TestRun.Rsync(RsyncMode.Mirror, _tree.At("nosuch"), _tree.At("dst")));

        Assert.Equal(ActionOutcome.Refused, result.Outcome);
        Assert.True(File.Exists(_tree.At("dst/precious")));
    }

    [Fact]
    public async Task RequiredMount_NothingMounted_IsRefused()
    {
        _tree.Shell("mkdir src dst; touch src/a dst/precious");
        var action = TestRun.Rsync(RsyncMode.Mirror, _tree.At("src"), _tree.At("dst"), r =>
            r.Source = TestRun.Local(_tree.At("src"), mount: _tree.At("src")));

        var result = await RunAsync(action);

        Assert.Equal(ActionOutcome.Refused, result.Outcome);
        Assert.Contains("required mount of the source", result.RefusedBy, StringComparison.Ordinal);
        Assert.Contains("nothing is mounted", result.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(_tree.At("dst/precious")));
    }

    [Fact]
    public async Task RequiredMount_DestinationElsewhereThroughLink_IsRefused()
    {
        // /dev/shm is a mount everywhere; the link leads away from it.
        var shared = Directory.CreateDirectory($"/dev/shm/fleet-test-{Guid.NewGuid():N}").FullName;
        try
        {
            _tree.Shell($"mkdir src dst; touch src/a; ln -s '{_tree.At("dst")}' '{shared}/link'");

            var refused = await RunAsync(TestRun.Rsync(
                RsyncMode.Copy, _tree.At("src"), "/x", r => r.Destination = TestRun.Local($"{shared}/link", mount: "/dev/shm")));
            var accepted = await RunAsync(TestRun.Rsync(
                RsyncMode.Copy, _tree.At("src"), "/x", r => r.Destination = TestRun.Local($"{shared}/real", mount: "/dev/shm")));

            Assert.Equal(ActionOutcome.Refused, refused.Outcome);
            Assert.Contains("not on the mount", refused.Message, StringComparison.Ordinal);
            Assert.Equal(ActionOutcome.Succeeded, accepted.Outcome);
            Assert.True(File.Exists($"{shared}/real/a"));
        }
        finally
        {
            Directory.Delete(shared, recursive: true);
        }
    }

    [Theory]
    [InlineData("src", "src/dst")]
    [InlineData("src/sub", "src")]
    [InlineData("src", "link/dst")]
    public async Task OneSideInsideTheOther_AnyMode_IsRefused(string source, string destination)
    {
        _tree.Shell("mkdir -p src/sub; touch src/sub/a; ln -s src link");

        var result = await RunAsync(TestRun.Rsync(RsyncMode.Mirror, _tree.At(source), _tree.At(destination)));

        Assert.Equal(ActionOutcome.Refused, result.Outcome);
        Assert.True(File.Exists(_tree.At("src/sub/a")));
    }

    [Fact]
    public async Task Partial_SomethingInTheWay_FailsWithTheListOfWhat()
    {
        _tree.Shell("mkdir -p src dst/blocked/full; touch src/blocked src/other; touch dst/blocked/full/x");

        var result = await RunAsync(TestRun.Rsync(RsyncMode.Copy, _tree.At("src"), _tree.At("dst")));

        Assert.Equal((ActionOutcome.Failed, 23, false), (result.Outcome, result.ExitCode, result.Retryable));
        Assert.Contains(result.Details, d => d.EndsWith("could not make way for new regular file: blocked", StringComparison.Ordinal));
        Assert.True(File.Exists(_tree.At("dst/other")));
    }

    [Fact]
    public async Task Vanished_FileGoneMeanwhile_IsAWarning()
    {
        _tree.Shell("mkdir src; head -c 1500000 /dev/zero > src/a; echo z > src/z");
        var log = new RecordingLog { OnProgress = p => File.Delete(p.BytesDone > 0 ? _tree.At("src/z") : _tree.At("none")) };
        var action = TestRun.Rsync(RsyncMode.Copy, _tree.At("src"), _tree.At("dst"), r => r.BandwidthLimitBytesPerSecond = 500_000);

        var result = await RunAsync(action, log);

        Assert.Equal((ActionOutcome.SucceededWithWarnings, 24), (result.Outcome, result.ExitCode));
        Assert.Contains("file has vanished", Assert.Single(result.Details), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DryRun_Mirror_ChangesNothingAndListsWhat()
    {
        _tree.Shell("mkdir src dst; echo 1 > src/new; echo 2 > dst/old");

        var result = await RunAsync(TestRun.Rsync(RsyncMode.Mirror, _tree.At("src"), _tree.At("dst"), r => r.DryRun = true));

        Assert.Equal(ActionOutcome.Succeeded, result.Outcome);
        Assert.Contains(result.Details, d => d.Contains(" new", StringComparison.Ordinal));
        Assert.Contains(result.Details, d =>
            d.Contains("*deleting", StringComparison.Ordinal) && d.Contains("old", StringComparison.Ordinal));
        Assert.Equal("old\n", _tree.Shell("ls dst"));
    }

    [Fact]
    public async Task Cancelled_InTheMiddle_EndsTheWholeGroup()
    {
        _tree.Shell("mkdir src; head -c 20000000 /dev/zero > src/a");
        using var cancel = new CancellationTokenSource();
        var log = new RecordingLog { OnProgress = p => _ = p.BytesDone > 0 ? cancel.CancelAsync() : null };
        var action = TestRun.Rsync(RsyncMode.Copy, _tree.At("src"), _tree.At("dst"), r => r.BandwidthLimitBytesPerSecond = 1_000_000);

        var result = await _host.Action.RunAsync(TestRun.For(action, log), cancel.Token);

        Assert.Equal(ActionOutcome.Cancelled, result.Outcome);
        Assert.Equal("", _tree.Shell($"pgrep -f -- '{_tree.At("dst")}/$' || true"));
        Assert.False(File.Exists(_tree.At("dst/a")));
    }

    [Fact]
    public async Task TimedOut_InTheMiddle_IsWorthARetry()
    {
        _tree.Shell("mkdir src; head -c 20000000 /dev/zero > src/a");
        var action = TestRun.Rsync(RsyncMode.Copy, _tree.At("src"), _tree.At("dst"), r => r.BandwidthLimitBytesPerSecond = 1_000_000);

        var result = await _host.Action.RunAsync(TestRun.For(action, timeout: TimeSpan.FromSeconds(1)), CancellationToken.None);

        Assert.Equal((ActionOutcome.TimedOut, true), (result.Outcome, result.Retryable));
    }

    private Task<ActionResult> RunAsync(Protocol.V1.Action action, RecordingLog? log = null) =>
        _host.Action.RunAsync(TestRun.For(action, log), CancellationToken.None);
}
