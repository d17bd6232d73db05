using System.Globalization;
using System.Text;
using Fleet.Agent.Host;
using Fleet.Agent.Tests.Actions.Zfs;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Actions.Restore;

/// <summary>Files out of ZFS snapshots, by a mount table that is made up. On a real pool: RealPoolRestoreTests.</summary>
public sealed class RestoreFromZfsTests : IDisposable
{
    private readonly RestoreFixture _fixture = new();
    private readonly PretendPool _pool = new() { Datasets = { ["tank"] = null } };
    private readonly int _mountId;
    private string _dataset = "tank/data", _shown = "tank/data@monday", _over = "";

    public RestoreFromZfsTests()
    {
        _fixture.Scratch.File("tank/.zfs/snapshot/monday/etc/hosts", "of monday");
        _pool.Add("tank/data", "monday", TestRun.Instant);
        using var handle = Fleet.Agent.Files.OpenPath.Folder(Encoding.UTF8.GetBytes(_fixture.Scratch.Root));
        _mountId = handle.MountId();
        _fixture.Mounts = () => MountTable.Parse(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"""
            1 0 0:1 / / rw - ext4 /dev/x rw
            900001 1 0:2 / {_fixture.Scratch.At("tank")} rw - zfs {_dataset} rw
            {_mountId} 900001 0:3 / {_fixture.Scratch.At("tank/.zfs/snapshot/monday")} ro - zfs {_shown} ro
            {_over}
            """)));
    }

    private ulong Guid => _pool.All.Single(s => s.Name == "monday").Guid;

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Run_SnapshotOfAMountedDataset_IsReadThroughDotZfs()
    {
        var result = await RunAsync(Guid);

        Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
        Assert.Equal("of monday", _fixture.Scratch.Read("to/new/hosts"));
        Assert.Equal(
            ("tank/data@monday", Guid.ToString(CultureInfo.InvariantCulture)),
            (result.RestoreFiles.Source, result.RestoreFiles.Identity));
    }

    [Fact]
    public async Task Run_DryRunWithoutGuid_SaysIt() =>
        Assert.Equal(Guid.ToString(CultureInfo.InvariantCulture), (await RunAsync(0, dryRun: true)).RestoreFiles.Identity);

    [Theory]
    [InlineData(0)]
    [InlineData(12345)]
    public async Task Run_AnotherGuid_CopiesNothing(ulong asked)
    {
        var result = await RunAsync(asked);

        Assert.Equal(ActionOutcome.Failed, result.Outcome);
        Assert.Contains("is not the snapshot that was asked for", result.Message, StringComparison.Ordinal);
        Assert.Equal("", _fixture.Scratch.Shell("ls -A to"));
    }

    [Fact]
    public async Task Run_DatasetThatIsNotMounted_SaysWhatToDo()
    {
        _dataset = "tank/other";

        Assert.Contains(
            "tank/data is not mounted on this host: mount it, or make a clone",
            (await RunAsync(Guid)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_DatasetWithAnotherMountOverIt_IsNotTakenForIt()
    {
        _over = $"900009 1 0:9 / {_fixture.Scratch.At("tank")} rw - ext4 /dev/y rw";

        Assert.Contains("another file system is mounted over tank/data", (await RunAsync(Guid)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_FolderThatShowsAnotherSnapshot_IsNotTakenForIt()
    {
        _shown = "tank/data@tuesday";

        Assert.Contains("does not show tank/data@monday", (await RunAsync(Guid)).Message, StringComparison.Ordinal);
        Assert.Equal("", _fixture.Scratch.Shell("ls -A to"));
    }

    [Theory]
    [InlineData("tank/data")]
    [InlineData("tank/data@a@b")]
    [InlineData("tank/data@../..")]
    [InlineData("tank/data@monday%tuesday")]
    public async Task Run_WhatIsNoNameOfASnapshot_RunsNoTool(string name)
    {
        var result = await RunAsync(1, name: name);

        Assert.Contains("is not a snapshot name", result.Message, StringComparison.Ordinal);
        Assert.Empty(_pool.Asked);
    }

    [Fact]
    public async Task Run_DatasetThatTheRuleDoesNotList_IsRefused() =>
        Assert.Equal(ActionOutcome.Refused, (await RunAsync(1, name: "other/data@monday")).Outcome);

    private Task<ActionResult> RunAsync(ulong guid, bool dryRun = false, string name = "tank/data@monday") => _fixture.RunAsync(
        new RestoreFilesAction
        {
            Zfs = new ZfsSnapshotRef { Name = name, Guid = guid },
            Path = RestoreFixture.Bytes("etc"),
            Destination = RestoreFixture.Bytes(_fixture.Scratch.At("to/new")),
            DryRun = dryRun,
        },
        new RestoreTools(_pool));
}
