using Fleet.Coordinator.Policies;
using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Google.Protobuf;

namespace Fleet.Coordinator.Tests.Runs;

/// <summary>Restores: asked for once, by identity, and never by a policy.</summary>
public sealed class RestoreActionTests
{
    [Fact]
    public async Task StartAction_Restore_SaysWhoWhyAndWhatCameOfIt()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await using var session = await agent.OpenAsync();

        var run = await coordinator.Fleet.StartActionAsync(new StartActionRequest
        {
            Host = "nas",
            Action = new Protocol.V1.Action { LvmRestore = new LvmRestoreAction { Snapshot = "vg/home.monday", Uuid = "abc-def" } },
            Note = "the upgrade went wrong",
            RequestId = Guid.NewGuid().ToString(),
        });
        var command = await session.CommandAsync();
        await session.StartAsync(command);
        var finished = ScriptedSession.Finished(command, ActionOutcome.SucceededWithWarnings);
        finished.Result.LvmRestore = new LvmRestoreResult
        {
            Snapshot = new LvmSnapshotInfo { Name = "vg/home.monday" },
            Volume = "vg/home",
            Safety = new LvmSnapshotInfo { Name = "vg/home.safety" },
            Pending = true,
        };
        await session.SendAsync(agent.Entry(finished));

        await coordinator.RunAsync(run.RunId, RunState.Succeeded);
        var ended = (await coordinator.AllEventsAsync(0, "run.*")).Single(e => e.Type == "run.succeeded").Attributes;
        Assert.Equal(
            ("vg/home.monday", "vg/home", "vg/home.safety", "true"),
            (ended["source"], ended["volume"], ended["safety"], ended["pending"]));
        Assert.Equal("the upgrade went wrong", ended["note"]);
        var audit = (await coordinator.AdminService.ListAuditAsync(new ListAuditRequest())).Entries;
        Assert.Contains(audit, e => e.Subject == "nas" && e.Detail == "action=lvm_restore vg/home.monday note=the upgrade went wrong");
    }

    [Fact]
    public void ValidateAction_WhatIsWrong_IsNamedFieldByField()
    {
        Assert.Equal(
            ["action.lvm_restore.snapshot", "action.lvm_restore.uuid", "action.lvm_restore.safety_size_bytes"],
            Problems(new LvmRestoreAction { Snapshot = "home", SafetySizeBytes = -1 }));
        Assert.Equal(["action.lvm_restore.uuid"], Problems(new LvmRestoreAction { Snapshot = "vg/home.monday", Uuid = "a || b" }));
        Assert.Empty(Problems(new LvmRestoreAction { Snapshot = "vg/home.monday", DryRun = true }));
        Assert.Equal(["action.restore_files.zfs", "action.restore_files.destination"], Problems(new RestoreFilesAction()));
        Assert.Equal(
            [
                "action.restore_files.zfs.name",
                "action.restore_files.zfs.guid",
                "action.restore_files.path",
                "action.restore_files.destination",
            ],
            Problems(
                new RestoreFilesAction
                {
                    Zfs = new ZfsSnapshotRef { Name = "tank" },
                    Path = Bytes("a/../../b"),
                    Destination = Bytes("srv"),
                }));
        Assert.Equal(
            ["action.restore_files.tree"],
            Problems(new RestoreFilesAction { Tree = Bytes("backup"), Destination = Bytes("/srv") }));
        Assert.Equal(
            ["action.restore_files.lvm.uuid"],
            Problems(
                new RestoreFilesAction
                {
                    Lvm = new LvmSnapshotRef { Name = "vg/x" },
                    Destination = Bytes("/srv"),
                }));
        Assert.Empty(
            Problems(
                new RestoreFilesAction
                {
                    Zfs = new ZfsSnapshotRef { Name = "tank@a", Guid = 7 },
                    Path = Bytes("a..b"),
                    Destination = Bytes("/srv/\u00ff"),
                }));
    }

    [Fact]
    public void Validate_PolicyThatRestores_IsRefused()
    {
        var spec = new PolicySpec
        {
            Name = "x",
            Target = new PolicyTarget { Hosts = { "nas" } },
            Action = new Protocol.V1.Action { LvmRestore = new LvmRestoreAction { Snapshot = "vg/home.monday", Uuid = "abc" } },
        };

        Assert.Equal(
            ["policies[0].action"],
            PolicyValidator.Validate([spec], new HashSet<string> { "nas" }).Violations.Select(v => v.Field));
    }

    private static ByteString Bytes(string text) => ByteString.CopyFromUtf8(text);

    private static IEnumerable<string> Problems(LvmRestoreAction action) =>
        PolicyValidator.ValidateAction(new Protocol.V1.Action { LvmRestore = action }, null).Select(v => v.Field);

    private static IEnumerable<string> Problems(RestoreFilesAction action) =>
        PolicyValidator.ValidateAction(new Protocol.V1.Action { RestoreFiles = action }, null).Select(v => v.Field);
}
