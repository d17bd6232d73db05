using System.Text;
using Fleet.Agent.Actions.Lvm;
using Fleet.Agent.Actions.Restore;
using Fleet.Agent.Guard;
using Fleet.Agent.Host;
using Fleet.Agent.Lvm;
using Fleet.Protocol.V1;
using Google.Protobuf;

namespace Fleet.Agent.Tests.Actions.Lvm;

/// <summary>Files out of snapshots, and merges, on a real volume group.</summary>
public sealed class RealGroupRestoreTests : IDisposable
{
    private const string Snapshot = "fleet_nightly_20261120T205500Z";
    private readonly TemporaryFolder _state = new();
    private readonly List<(string Code, string Message)> _told = [];
    private readonly LvmMounts _mounts;
    private RealGroup _group = null!;

    public RealGroupRestoreTests() => _mounts = NewMounts();

    private LvmMergeRecords Merges => new(_state.File("merges"));

    private string Safety => RealGroup.Shell($"lvs --noheadings -o lv_name {_group.Name} | grep fleet_safety | tr -d ' '");

    public void Dispose()
    {
        _group?.Dispose();
        _mounts.Dispose();
        _state.Dispose();
    }

    [Theory]
    [InlineData("ext4")]
    [InlineData("xfs")]
    public async Task Files_OfAThinSnapshotBesideItsMountedOrigin_ComeBackAndTheSnapshotIsNotWrittenTo(string fileSystem)
    {
        _group = new RealGroup(fileSystem);
        Write("vol", "before");
        await SnapshotAsync();
        Write("vol", "after");
        RealGroup.Shell($"lvchange -ay -K {_group.Name}/vol.{Snapshot}");
        var content = RealGroup.Shell($"sha256sum </dev/{_group.Name}/vol.{Snapshot}");
        RealGroup.Shell($"lvchange -an {_group.Name}/vol.{Snapshot}");

        var result = await FilesAsync("vol");

        Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
        Assert.Equal("before", File.ReadAllText(_state.File("back/file")).Trim());
        AssertNothingIsLeft();
        RealGroup.Shell($"lvchange -ay -K {_group.Name}/vol.{Snapshot}");
        Assert.Equal(content, RealGroup.Shell($"sha256sum </dev/{_group.Name}/vol.{Snapshot}"));
    }

    [Fact]
    public async Task Files_OfAClassicSnapshot_ComeBack()
    {
        _group = new RealGroup();
        Write("home", "before");
        await SnapshotAsync();
        Write("home", "after");

        var result = await FilesAsync("home");

        Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
        Assert.Equal("before", File.ReadAllText(_state.File("back/file")).Trim());
    }

    [Fact]
    public async Task Files_OfWhatIsNoKnownFileSystem_AreRefusedByItsName()
    {
        _group = new RealGroup();
        RealGroup.Shell(
            $"umount {_group.MountPoint}/vol; wipefs -q -a /dev/{_group.Name}/vol; mkswap -q /dev/{_group.Name}/vol >/dev/null");
        await SnapshotAsync();

        var result = await FilesAsync("vol");

        Assert.Contains("holds swap, of which files cannot be restored", result.Message, StringComparison.Ordinal);
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task Mount_AfterACrash_IsLetGoAtTheNextStart()
    {
        _group = new RealGroup();
        await SnapshotAsync();
        var attempt = new LvmAttempt(TestRun.For(new Protocol.V1.Action()), []);
        var (stock, _) = await attempt.LookAsync(TestContext.Current.CancellationToken);
        var (mount, error) = await _mounts.MountAsync(
            attempt, stock.Find($"{_group.Name}/vol.{Snapshot}")!, TestContext.Current.CancellationToken);
        Assert.True(mount is not null, error?.Message);

        using var restarted = NewMounts();
        Assert.Empty(await restarted.CleanUpAsync(attempt.LastTools, TestContext.Current.CancellationToken));

        AssertNothingIsLeft();
    }

    [Fact]
    public async Task Merge_OfAVolumeThatNobodyHasOpen_IsThroughAtOnceAndTheSafetySnapshotHoldsWhatWas()
    {
        _group = new RealGroup();
        Write("vol", "before");
        await SnapshotAsync();
        Write("vol", "after");
        RealGroup.Shell($"umount {_group.MountPoint}/vol");

        var plan = await MergeAsync("vol", dryRun: true);
        var result = await MergeAsync("vol");

        Assert.True(plan.Outcome == ActionOutcome.Succeeded, plan.ToString());
        Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
        Assert.Equal(result.LvmRestore.Safety.Name, $"{_group.Name}/{Safety}");
        Assert.Equal("before", Read("vol"));
        var files = await FilesAsync(Safety, whole: true);
        Assert.True(files.Outcome == ActionOutcome.Succeeded, files.ToString());
        Assert.Equal("after", File.ReadAllText(_state.File("back/file")).Trim());
    }

    [Fact]
    public async Task Merge_OfAMountedVolume_IsPendingUntilItsNextActivation()
    {
        _group = new RealGroup();
        Write("vol", "before");
        await SnapshotAsync();
        Write("vol", "after");

        var result = await MergeAsync("vol");
        await WatchAsync();

        Assert.True(result.Outcome == ActionOutcome.SucceededWithWarnings && result.LvmRestore.Pending, result.ToString());
        Assert.Empty(_told);
        Assert.Equal("after", RealGroup.Shell($"cat {_group.MountPoint}/vol/file"));
        RealGroup.Shell($"umount {_group.MountPoint}/vol && lvchange -an {_group.Name}/vol && lvchange -ay {_group.Name}/vol");
        await UntilToldAsync();
        Assert.Equal("lvm_merge_completed", Assert.Single(_told).Code);
        Assert.Equal("before", Read("vol"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Merge_OfAClassicSnapshot_IsFollowedUntilItIsThrough(bool mounted)
    {
        _group = new RealGroup();
        Write("home", "before");
        await SnapshotAsync();
        Write("home", "after");
        if (!mounted)
        {
            RealGroup.Shell($"umount {_group.MountPoint}/home");
        }

        var result = await MergeAsync("home");

        Assert.True(result.Outcome is ActionOutcome.Succeeded or ActionOutcome.SucceededWithWarnings, result.ToString());
        Assert.Equal(mounted, result.LvmRestore.Pending);
        if (mounted)
        {
            RealGroup.Shell($"umount {_group.MountPoint}/home && lvchange -an {_group.Name}/home && lvchange -ay {_group.Name}/home");
            await UntilToldAsync();
            Assert.Equal("lvm_merge_completed", Assert.Single(_told).Code);
        }

        Assert.Equal("before", Read("home"));
        RealGroup.Shell($"umount {_group.MountPoint}/home; mount -o ro /dev/{_group.Name}/{Safety} {_group.MountPoint}/home");
        Assert.Equal("after", RealGroup.Shell($"cat {_group.MountPoint}/home/file"));
    }

    private LvmMounts NewMounts() => new(_state.File("mounts"), static () => MountTable.Read());

    private void Write(string volume, string text) =>
        RealGroup.Shell($"echo {text} >{_group.MountPoint}/{volume}/file; sync -f {_group.MountPoint}/{volume}");

    private string Read(string volume) =>
        RealGroup.Shell($"mountpoint -q {_group.MountPoint}/{volume} || mount /dev/{_group.Name}/{volume} {_group.MountPoint}/{volume}; cat {_group.MountPoint}/{volume}/file");

    private async Task SnapshotAsync()
    {
        var action = new LvmSnapshotAction { Volumes = { $"{_group.Name}/vol", $"{_group.Name}/home" }, ClassicSizeBytes = 20 << 20 };
        var result = await new LvmSnapshotRun().RunAsync(
            TestRun.For(new Protocol.V1.Action { LvmSnapshot = action }), TestContext.Current.CancellationToken);
        Assert.True(result.Outcome == ActionOutcome.Succeeded, result.Message);
    }

    private string Uuid(string name) => RealGroup.Shell($"lvs --noheadings -o lv_uuid {_group.Name}/{name} | tr -d ' '");

    private Task<ActionResult> FilesAsync(string volume, bool whole = false)
    {
        var name = whole ? volume : $"{volume}.{Snapshot}";
        var action = new RestoreFilesAction
        {
            Lvm = new LvmSnapshotRef { Name = $"{_group.Name}/{name}", Uuid = Uuid(name) },
            Destination = ByteString.CopyFromUtf8(_state.File("back")),
        };
        var rule = new RestoreRule(Encoding.UTF8.GetBytes(_state.Path), [], [_group.Name], [], false, "rule");
        var context = TestRun.For(new Protocol.V1.Action { RestoreFiles = action });
        return new RestoreFilesRun(_mounts).RunAsync(
            context with
            {
                Guard = RestoreRules.Check("/nosuch/guard.yaml", [rule], action, ProtectedPlaces.Of(["/nosuch"], [])),
            },
            TestContext.Current.CancellationToken);
    }

    private Task<ActionResult> MergeAsync(string volume, bool dryRun = false)
    {
        var name = $"{volume}.{Snapshot}";
        var action = new LvmRestoreAction { Snapshot = $"{_group.Name}/{name}", Uuid = Uuid(name), DryRun = dryRun };
        var rules = new StorageRules("guard.yaml", "lvm", [new StorageRule(_group.Name, ["rollback"], 1, TimeSpan.Zero, "rule")]);
        var context = TestRun.For(new Protocol.V1.Action { LvmRestore = action });
        return new LvmRestoreRun(Merges).RunAsync(
            context with
            {
                Policy = "",
                Guard = context.Guard with { Storage = rules },
            },
            TestContext.Current.CancellationToken);
    }

    private Task WatchAsync() =>
        new LvmMergeWatch(Merges, new LvmQuery(TestRun.Tools, TimeProvider.System, [], static most => most), (code, message, _) =>
            _told.Add((code, message))
        ).CheckAsync(TestContext.Current.CancellationToken);

    /// <summary>Nothing but LVM knows when a merge is through, and only asking shows it.</summary>
    private async Task UntilToldAsync()
    {
        for (var i = 0; i < 60 && _told.Count == 0; i++)
        {
            RealGroup.NextSecond();
            await WatchAsync();
        }
    }

    private void AssertNothingIsLeft()
    {
        Assert.Equal("", RealGroup.Shell($"grep -F '{_state.Path}' /proc/self/mountinfo || true"));
        Assert.Equal("", RealGroup.Shell($"lvs --noheadings -o lv_active {_group.Name}/vol.{Snapshot} | tr -d ' '"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_state.File("mounts")));
    }
}
