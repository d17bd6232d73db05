using System.Globalization;
using Fleet.Agent.Actions.Lvm;
using Fleet.Agent.Actions.Restore;
using Fleet.Agent.Guard;
using Fleet.Agent.Host;
using Fleet.Protocol.V1;
using Google.Protobuf;

namespace Fleet.Agent.Tests.Actions.Zfs;

/// <summary>Files out of snapshots of a real pool.</summary>
public sealed class RealPoolRestoreTests : IDisposable
{
    private readonly TemporaryFolder _state = new();
    private readonly RealPool _pool = new();

    public RealPoolRestoreTests() =>
        RealPool.Shell($"zfs create '{_pool.Name}/with space'; cd '{_pool.MountPoint}/with space'; mkdir etc; echo before >etc/hosts; zfs snapshot '{_pool.Name}/with space@monday'; echo after >etc/hosts");

    private string Dataset => $"{_pool.Name}/with space";

    private ulong Guid => ulong.Parse(RealPool.Shell($"zfs get -Hp -o value guid '{Dataset}@monday'"), CultureInfo.InvariantCulture);

    public void Dispose()
    {
        _pool.Dispose();
        _state.Dispose();
    }

    [Fact]
    public async Task Files_OfASnapshot_ComeBackThroughDotZfs()
    {
        var result = await RunAsync(Guid, "back");

        Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
        Assert.Equal("before", File.ReadAllText(_state.File("back/hosts")).Trim());
        Assert.Equal("after", RealPool.Shell($"cat '{_pool.MountPoint}/with space/etc/hosts'"));
    }

    [Fact]
    public async Task Files_ToAFolderOnThePoolItself_AreRenamedIntoPlace()
    {
        var result = await RunAsync(Guid, $"{_pool.MountPoint}/back");

        Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
        Assert.Equal("back\nwith space", RealPool.Shell($"ls -A '{_pool.MountPoint}'"));
    }

    [Fact]
    public async Task Files_OfASnapshotThatIsAnotherOne_AreNotCopied()
    {
        var guid = Guid;
        RealPool.Shell($"zfs destroy '{Dataset}@monday'; zfs snapshot '{Dataset}@monday'");

        Assert.Contains("is not the snapshot that was asked for", (await RunAsync(guid, "back")).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_state.File("back")));
    }

    [Fact]
    public async Task Files_OfADatasetThatIsNotMounted_AreNotCopied()
    {
        var guid = Guid;
        RealPool.Shell($"zfs unmount '{Dataset}'");

        Assert.Contains("is not mounted on this host", (await RunAsync(guid, "back")).Message, StringComparison.Ordinal);
    }

    private async Task<ActionResult> RunAsync(ulong guid, string destination)
    {
        var action = new RestoreFilesAction
        {
            Zfs = new ZfsSnapshotRef { Name = $"{Dataset}@monday", Guid = guid },
            Path = ByteString.CopyFromUtf8("etc"),
            Destination = ByteString.CopyFromUtf8(destination.StartsWith('/') ? destination : _state.File(destination)),
        };
        var rule = new RestoreRule("/"u8.ToArray(), [_pool.Name], [], [], false, "rule");
        using var mounts = new LvmMounts(_state.File("mounts"), static () => MountTable.Read());
        var context = TestRun.For(new Protocol.V1.Action { RestoreFiles = action });
        return await new RestoreFilesRun(mounts).RunAsync(
            context with
            {
                Guard = RestoreRules.Check("/nosuch/guard.yaml", [rule], action, ProtectedPlaces.Of(["/nosuch"], [])),
            },
            TestContext.Current.CancellationToken);
    }
}
