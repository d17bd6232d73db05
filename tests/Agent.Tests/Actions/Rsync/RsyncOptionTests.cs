using Fleet.Agent.Files;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Actions.Rsync;

/// <summary>What single options do with the real rsync.</summary>
public sealed class RsyncOptionTests : IDisposable
{
    private readonly ScratchTree _tree = new();
    private readonly RsyncHost _host = new();

    public void Dispose()
    {
        _host.Dispose();
        _tree.Dispose();
    }

    [Fact]
    public async Task Sparse_Zeros_BecomeHoles()
    {
        _tree.Shell("mkdir src; head -c 4000000 /dev/zero > src/zeros");

        var result = await RunAsync(RsyncMode.Copy, r => r.Sparse = true);

        Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
        Assert.Equal("0\n", _tree.Shell("stat -c %b dst/zeros"));
    }

    [Fact]
    public async Task Include_ComesBeforeTheExcludes()
    {
        _tree.Shell("mkdir src; touch src/{a,b}.log src/keep.log src/c.txt");

        await RunAsync(RsyncMode.Copy, r =>
        {
            r.Excludes.Add("*.log");
            r.Includes.Add("keep.log");
        });

        Assert.Equal("c.txt\nkeep.log\n", _tree.Shell("ls dst"));
    }

    [Fact]
    public async Task DeleteExcluded_Mirror_DeletesWhatIsExcluded()
    {
        _tree.Shell("mkdir src; touch src/{a,b}.log src/c.txt");
        await RunAsync(RsyncMode.Mirror);

        var result = await RunAsync(RsyncMode.Mirror, r =>
        {
            r.DeleteExcluded = true;
            r.Excludes.Add("*.log");
        });

        Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
        Assert.Equal(".fleet-owner.json\nc.txt\n", _tree.Shell("ls -A dst"));
    }

    [Theory]
    [InlineData(RsyncMode.Copy, "dst/config")]
    [InlineData(RsyncMode.Versions, "dst/fleet_nightly_20261120T205500Z/config")]
    public async Task SingleFile_IsCopiedIntoTheFolder(RsyncMode mode, string expected)
    {
        _tree.Shell("mkdir src; echo 1 > src/config; echo 2 > src/other");

        var result = await RunAsync(mode, r => r.Source.SingleFile = true, "src/config");

        Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
        Assert.Equal("1\n", _tree.Read(expected));
        Assert.False(File.Exists(_tree.At(expected.Replace("config", "other", StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData(RsyncMode.Copy)]
    [InlineData(RsyncMode.Mirror)]
    [InlineData(RsyncMode.Versions)]
    public async Task FileAsSource_WithoutTheKey_IsRefusedAndNamesIt(RsyncMode mode)
    {
        _tree.Shell("mkdir src; echo 1 > src/config");

        var result = await RunAsync(mode, source: "src/config");

        Assert.Equal(ActionOutcome.Refused, result.Outcome);
        Assert.Contains("file: true", result.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("src", "is not a regular file")]
    [InlineData("pipe", "is not a regular file")]
    [InlineData("nothing", "it does not exist")]
    public async Task SingleFile_SomethingElse_IsRefused(string source, string says)
    {
        _tree.Shell("mkdir src; echo 1 > src/config; mkfifo pipe");

        var result = await RunAsync(RsyncMode.Copy, r => r.Source.SingleFile = true, source);

        Assert.Equal(ActionOutcome.Refused, result.Outcome);
        Assert.Contains(says, result.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RsyncMode.Copy, "dst/config")]
    [InlineData(RsyncMode.Versions, "dst/fleet_nightly_20261120T205500Z/config")]
    public async Task SingleFile_OnAHostThatGaveConfinementUp_IsCopiedAsAFile(RsyncMode mode, string expected)
    {
        _tree.Shell("mkdir src; echo 1 > src/config");
        var context = TestRun.For(TestRun.Rsync(mode, _tree.At("src/config"), _tree.At("dst"), r => r.Source.SingleFile = true));

        var result = await _host.Action.RunAsync(context with { Guard = context.Guard with { Confine = false } }, CancellationToken.None);

        Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
        Assert.Equal("regular file\n", _tree.Shell($"stat -c %F {expected}"));
    }

    [Fact]
    public async Task LostAndFoundAlone_IsAnEmptySource()
    {
        _tree.Shell("mkdir -p src/lost+found dst; echo precious > dst/file");

        var result = await RunAsync(RsyncMode.Mirror);

        Assert.Equal(ActionOutcome.Refused, result.Outcome);
        Assert.Equal("precious\n", _tree.Read("dst/file"));
    }

    [Fact]
    public async Task FileSystemThatReportsNoBlocks_IsNotFull()
    {
        // /sys reports 0 blocks, as ramfs does and some FUSE file systems do.
        var probe = new Agent.Actions.Rsync.PathProbe(TestRun.Tools, TimeProvider.System, new());

        using OpenPath sys = OpenPath.Folder("/sys"u8), tmp = OpenPath.Folder("/tmp"u8);

        var unknown = await probe.FreeBytesAsync(sys, "/sys"u8.ToArray(), CancellationToken.None);
        var known = await probe.FreeBytesAsync(tmp, "/tmp"u8.ToArray(), CancellationToken.None);

        Assert.Equal((null, null), (unknown.Value, unknown.Problem));
        Assert.True(known.Value > 0);
    }

    [Theory]
    [InlineData("/disk", true)]
    [InlineData("/disk/", true)]
    [InlineData("/disk/***", true)]
    [InlineData("disk", true)]
    [InlineData("disk/bk", true)]
    [InlineData("bk/", true)]
    [InlineData("/d*", true)]
    [InlineData("/dis?", true)]
    [InlineData("**/bk", true)]
    [InlineData("/bk", false)]
    [InlineData("/dis", false)]
    [InlineData("/*/x", false)]
    public async Task DestinationInsideTheSource_Excluded_IsWhatRsyncLeavesOut(string exclude, bool isLeftOut)
    {
        _tree.Shell("mkdir -p src/disk/bk src/files; echo 1 > src/files/a");

        ActionResult result = new();
        for (var run = 0; run < 2; run++)
        {
            result = await RunAsync(RsyncMode.Mirror, r => r.Excludes.Add(exclude), destination: "src/disk/bk");
        }

        Assert.Equal(isLeftOut ? ActionOutcome.Succeeded : ActionOutcome.Refused, result.Outcome);
        Assert.Equal(isLeftOut ? "1\n" : "", _tree.Shell("cat src/disk/bk/files/a 2> /dev/null || true"));
        Assert.False(Directory.Exists(_tree.At("src/disk/bk/disk/bk")));
        var visited = _tree.Shell(
            $"mkdir -p none; rsync -an --out-format=%n '--exclude={exclude}' src/ none/ | grep -c '^disk/bk/$' || true");
        Assert.Equal(isLeftOut ? "0\n" : "1\n", visited);
    }

    [Fact]
    public async Task DestinationOnItsOwnFileSystemInsideTheSource_OneFileSystem_Goes()
    {
        // /dev/shm is a file system of its own everywhere.
        var disk = Directory.CreateDirectory($"/dev/shm/fleet-test-{Guid.NewGuid():N}").FullName;
        try
        {
            var action = TestRun.Rsync(RsyncMode.Copy, "/dev", $"{disk}/bk", r =>
            {
                r.OneFileSystem = true;
                r.DryRun = true;
            });
            var result = await _host.Action.RunAsync(TestRun.For(action), CancellationToken.None);
            action.Rsync.OneFileSystem = false;
            var without = await _host.Action.RunAsync(TestRun.For(action), CancellationToken.None);

            Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
            Assert.DoesNotContain(result.Details, d => d.Contains("shm/fleet-test", StringComparison.Ordinal));
            Assert.Equal(ActionOutcome.Refused, without.Outcome);
        }
        finally
        {
            Directory.Delete(disk, recursive: true);
        }
    }

    private Task<ActionResult> RunAsync(
        RsyncMode mode,
        Action<RsyncAction>? change = null,
        string source = "src",
        string destination = "dst"
    ) => _host.Action.RunAsync(TestRun.For(TestRun.Rsync(mode, _tree.At(source), _tree.At(destination), change)), CancellationToken.None);
}
