using Fleet.Agent.Actions.Lvm;
using Fleet.Agent.Lvm;
using Fleet.Agent.Tools;

namespace Fleet.Agent.Tests.Actions.Lvm;

/// <summary>
/// Snapshots that are made readable, and what is left of it afterwards: nothing. The same on a real group: RealGroupMountTests.
/// </summary>
public sealed class LvmMountsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly PretendGroup _group = new();
    private readonly LvmMounts _mounts;

    public LvmMountsTests() => _mounts = New();

    private PretendGroup.Volume Snapshot => _group.All.Single(v => v.Name == "s0");

    private string Place => _folder.File("mounts");

    public void Dispose()
    {
        _mounts.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("ext4", "ro,nodev,nosuid,noexec,noload")]
    [InlineData("ext2", "ro,nodev,nosuid,noexec")]
    [InlineData("xfs", "ro,nodev,nosuid,noexec,nouuid,norecovery")]
    public async Task Mount_ThinSnapshot_IsActivatedMountedReadOnlyAndLetGoAgain(string type, string options)
    {
        _group.Hourly(1);
        _group.FileSystems["s0"] = type;

        var (attempt, mount, error) = await MountAsync("s0");

        Assert.Null(error);
        var point = $"{Place}/{Snapshot.Uuid}";
        Assert.Equal((point, type), (new ToolArgument(mount!.Path).ToString(), mount.Type));
        Assert.Contains($"mount -t {type} -o {options} /dev/vg/s0 {point}", _group.Asked);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Place));
        Assert.Null(await _mounts.UnmountAsync(attempt, mount));
        AssertNothingIsLeft();
        Assert.Equal("Vwi---tz-k", Snapshot.Attributes);
    }

    [Fact]
    public async Task Mount_WhatSomebodyActivated_StaysActive()
    {
        _group.Hourly(1);
        Snapshot.Attributes = "Vwi-a-tz-k";

        var (attempt, mount, _) = await MountAsync("s0");
        await _mounts.UnmountAsync(attempt, mount!);

        Assert.Equal("Vwi-a-tz-k", Snapshot.Attributes);
        Assert.DoesNotContain(_group.Asked, a => a.StartsWith("lvchange", StringComparison.Ordinal));
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task Mount_ClassicSnapshot_IsNotDeactivated()
    {
        _group.Snapshot(_group.Home, "classic", PretendGroup.At(0));

        var (attempt, mount, error) = await MountAsync("classic");
        await _mounts.UnmountAsync(attempt, mount!);

        Assert.Null(error);
        Assert.DoesNotContain(_group.Asked, a => a.StartsWith("lvchange", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("btrfs", "holds btrfs, from which files cannot be restored: only from ext2, ext3, ext4, xfs")]
    [InlineData("swap", "holds swap,")]
    [InlineData("", "no file system was found on vg/s0")]
    [InlineData("\u001b[31m", "holds \\x1b[31m,")]
    public async Task Mount_FileSystemThatIsNotKnown_IsRefusedByItsNameAndNothingIsLeft(string type, string says)
    {
        _group.Hourly(1);
        _group.FileSystems["s0"] = type;

        var (_, mount, error) = await MountAsync("s0");

        Assert.Null(mount);
        Assert.Contains(says, error!.Message, StringComparison.OrdinalIgnoreCase);
        AssertNothingIsLeft();
        Assert.Equal('-', Snapshot.Attributes[4]);
    }

    [Theory]
    [InlineData("merging", "", "being merged into its origin")]
    [InlineData("", "snapshot invalid", "its content is lost")]
    public async Task Mount_WhatCannotBeRead_RunsNoTool(string merging, string invalid, string says)
    {
        _group.Snapshot(_group.Home, "classic", PretendGroup.At(0));
        (_group.All[^1].Merging, _group.All[^1].Invalid) = (merging, invalid);

        var (_, mount, error) = await MountAsync("classic");

        Assert.Null(mount);
        Assert.Contains(says, error!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_group.Asked, a =>
            !a.StartsWith("lvs", StringComparison.Ordinal) && !a.StartsWith("vgs", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Mount_NameThatWasGivenToAnotherVolume_IsNotActivated()
    {
        _group.Hourly(1);
        var planned = await FindAsync("s0");
        _group.Remove(Snapshot);
        _group.Hourly(1);

        var (mount, error) = await _mounts.MountAsync(Attempt(), planned, TestContext.Current.CancellationToken);

        Assert.Null(mount);
        Assert.NotNull(error);
        Assert.Equal('-', Snapshot.Attributes[4]);
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task Mount_NameThatIsGivenAwayRightBeforeTheMount_IsUnmountedAgain()
    {
        _group.Hourly(1);
        var planned = await FindAsync("s0");
        _group.OnAsked = line =>
        {
            if (line.StartsWith("mount ", StringComparison.Ordinal))
            {
                Snapshot.Name = "renamed";
                _group.Snapshot(_group.Vol, "s0", PretendGroup.At(0)).Attributes = "Vwi-a-tz-k";
                _group.WriteBlockDevices(_folder.File("sys"));
            }
        };

        var (mount, error) = await _mounts.MountAsync(Attempt(), planned, TestContext.Current.CancellationToken);

        Assert.Null(mount);
        Assert.Contains("another volume has taken its name", error!.Message, StringComparison.Ordinal);
        Assert.Empty(_group.Mounted);
        Assert.Equal("Vwi---tz-k", _group.All.Single(v => v.Name == "renamed").Attributes);
    }

    [Fact]
    public async Task Mount_Twice_TheSecondWaitsForAnotherAttempt()
    {
        _group.Hourly(1);
        var (attempt, mount, _) = await MountAsync("s0");

        var (_, second, error) = await MountAsync("s0");
        await _mounts.UnmountAsync(attempt, mount!);
        var (_, third, _) = await MountAsync("s0");

        Assert.Equal((null, true), (second, error!.Retryable));
        Assert.NotNull(third);
    }

    [Fact]
    public async Task Unmount_Busy_SaysWhatStaysAndTheNextStartTriesAgain()
    {
        _group.Hourly(1);
        var (attempt, mount, _) = await MountAsync("s0");
        _group.UnmountError = "umount: target is busy.";

        Assert.Contains("target is busy", await _mounts.UnmountAsync(attempt, mount!), StringComparison.Ordinal);
        _group.UnmountError = null;
        using var restarted = New();
        Assert.Empty(await restarted.CleanUpAsync(attempt.LastTools, TestContext.Current.CancellationToken));

        AssertNothingIsLeft();
        Assert.Equal('-', Snapshot.Attributes[4]);
    }

    [Fact]
    public async Task CleanUp_AfterACrash_UnmountsAndDeactivatesOnlyWhatTheAgentActivated()
    {
        _group.Hourly(2);
        await MountAsync("s0");
        _group.All.Single(v => v.Name == "s1").Attributes = "Vwi-a-tz-k";
        _group.AddMount(_group.Home, "/mnt/home");

        using var restarted = New();
        Assert.Empty(await restarted.CleanUpAsync(Attempt().LastTools, TestContext.Current.CancellationToken));

        Assert.Equal(["/mnt/home"], _group.Mounted);
        Assert.Equal("Vwi---tz-k", Snapshot.Attributes);
        Assert.Equal("Vwi-a-tz-k", _group.All.Single(v => v.Name == "s1").Attributes);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Place));
    }

    [Fact]
    public async Task CleanUp_OfAVolumeThatIsGone_ForgetsIt()
    {
        _group.Hourly(1);
        await MountAsync("s0");
        await Attempt()
            .LastTools.RunOtherAsync(
                "umount", "", LvmMountCommands.Unmount(System.Text.Encoding.UTF8.GetBytes(_group.Mounted.Single())), default);
        _group.Remove(Snapshot);

        using var restarted = New();
        Assert.Empty(await restarted.CleanUpAsync(Attempt().LastTools, TestContext.Current.CancellationToken));

        Assert.Empty(Directory.EnumerateFileSystemEntries(Place));
    }

    [Fact]
    public async Task CleanUp_WhereNothingWasLeft_RunsNoTool()
    {
        Assert.Empty(await _mounts.CleanUpAsync(Attempt().LastTools, TestContext.Current.CancellationToken));
        Assert.Empty(_group.Asked);
    }

    private LvmMounts New() => new(Place, () => _group.MountTable, _folder.File("sys"));

    private LvmAttempt Attempt() => new(TestRun.For(new Protocol.V1.Action(), tools: _group), []);

    private async Task<LvmVolume> FindAsync(string name) =>
        (await Attempt().LookAsync(TestContext.Current.CancellationToken)).Stock.Find($"vg/{name}")!;

    private async Task<(LvmAttempt Attempt, LvmMount? Mount, LvmError? Error)> MountAsync(string name)
    {
        _group.WriteBlockDevices(_folder.File("sys"));
        var attempt = Attempt();
        var (mount, error) = await _mounts.MountAsync(attempt, await FindAsync(name), TestContext.Current.CancellationToken);
        return (attempt, mount, error);
    }

    private void AssertNothingIsLeft()
    {
        Assert.Empty(_group.Mounted);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Place));
    }
}
