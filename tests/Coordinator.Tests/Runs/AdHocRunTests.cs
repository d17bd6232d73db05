using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Fleet.Coordinator.Tests.Runs;

public sealed class AdHocRunTests
{
    [Fact]
    public async Task StartAction_GoesTheWayOfEveryRun_WithItsNote()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await using var session = await agent.OpenAsync();

        var run = await coordinator.Fleet.StartActionAsync(Request("before the upgrade"));
        var command = await session.CommandAsync();
        await session.StartAsync(command);
        await session.FinishAsync(command);

        Assert.Equal(
            ("", 0L, run.RunId, "before the upgrade"),
            (command.Policy, command.PolicyRevision, command.RunId, command.Action.ZfsSnapshot.Note));
        var ended = await coordinator.RunAsync(run.RunId, RunState.Succeeded);
        Assert.Equal(("", "before the upgrade", "admin", RunTrigger.Manual), (ended.Policy, ended.Note, ended.RequestedBy, ended.Trigger));
        var events = await coordinator.AllEventsAsync(0, "run.*");
        Assert.Equal(["run.queued", "run.started", "run.succeeded"], events.Select(fact => fact.Type));
        Assert.Equal("ad hoc zfs_snapshot queued for nas", events[0].Message);
        Assert.Equal(["before the upgrade", "before the upgrade"], new[] { events[0], events[2] }.Select(fact => fact.Attributes["note"]));
        var audit = (await coordinator.AdminService.ListAuditAsync(new ListAuditRequest())).Entries;
        Assert.Contains(audit, e =>
            e.What.EndsWith("/StartAction", StringComparison.Ordinal)
            && e.Subject == "nas"
            && e.Detail == "action=zfs_snapshot tank/data note=before the upgrade");
    }

    [Fact]
    public async Task StartAction_TwoAtOnce_DoNotWaitForEachOther()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await using var session = await agent.OpenAsync();

        var first = await coordinator.Fleet.StartActionAsync(Request("one"));
        var second = await coordinator.Fleet.StartActionAsync(Request("two"));

        Assert.Equal([first.RunId, second.RunId], new[] { (await session.CommandAsync()).RunId, (await session.CommandAsync()).RunId });
    }

    [Fact]
    public async Task StartAction_SameRequestAgain_IsTheSameRun()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        await coordinator.EnrolAsync("nas");
        var request = Request("");

        var first = await coordinator.Fleet.StartActionAsync(request);
        await coordinator.RestartAsync();
        var second = await coordinator.Fleet.StartActionAsync(request);
        request.Note = "another";
        var error = await Assert.ThrowsAsync<RpcException>(async () => await coordinator.Fleet.StartActionAsync(request));

        Assert.Equal(first.RunId, second.RunId);
        Assert.Equal("REQUEST_ID_REUSED", error.Trailers.GetValue("fleet-reason"));
        Assert.Single((await coordinator.Fleet.ListRunsAsync(new ListRunsRequest())).Runs);
    }

    [Fact]
    public async Task StartAction_WhatIsWrong_IsNamedFieldByField()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        await coordinator.EnrolAsync("nas");
        var request = Request("two\nlines");
        request.Timeout = Duration.FromTimeSpan(TimeSpan.Zero);
        request.Action.ZfsSnapshot.Datasets.Add("tank@data");
        request.Action.ZfsSnapshot.Note = "by another way";
        var prune = Request("");
        prune.Action = new Protocol.V1.Action
        {
            ZfsPrune = new ZfsPruneAction
            {
                Datasets = { "tank" },
                SnapshotsOf = "nightly",
                Retention = new Retention { Keep = new KeepRules { Last = 1 } },
            },
        };
        var nowhere = Request("");
        nowhere.Host = "nosuch";

        Assert.Equal(
            ["timeout", "action.zfs_snapshot.datasets[1]", "action.zfs_snapshot.note", "note"],
            await RefusedAsync(coordinator, request));
        Assert.Equal(["action"], await RefusedAsync(coordinator, prune));
        Assert.Equal(["action"], await RefusedAsync(coordinator, new StartActionRequest { Host = "nas", RequestId = request.RequestId }));
        Assert.Equal(["request_id"], await RefusedAsync(coordinator, new StartActionRequest { Host = "nas" }));
        Assert.Equal(
            StatusCode.NotFound,
            (await Assert.ThrowsAsync<RpcException>(async () => await coordinator.Fleet.StartActionAsync(nowhere))).StatusCode);
        Assert.Empty((await coordinator.Fleet.ListRunsAsync(new ListRunsRequest())).Runs);
    }

    [Theory]
    [InlineData("/backup/photos", false)]
    [InlineData("/backup", false)]
    [InlineData("/backup/photos/2025", false)]
    [InlineData("/backup/photos", true)]
    [InlineData("/elsewhere", false)]
    public async Task StartAction_IntoAPolicysDestination_IsRefusedByItsName(string path, bool isDryRun)
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(TestPolicies.New());
        var request = Request("");
        request.Action = TestPolicies.New().Action;
        request.Action.Rsync.Destination.Path = ByteString.CopyFromUtf8(path);
        request.Action.Rsync.DryRun = isDryRun;

        if (isDryRun || path == "/elsewhere")
        {
            await coordinator.Fleet.StartActionAsync(request);
            return;
        }

        var error = await Assert.ThrowsAsync<RpcException>(async () => await coordinator.Fleet.StartActionAsync(request));
        Assert.Contains("the destination of photos, /backup/photos on nas", error.Status.Detail, StringComparison.Ordinal);
        Assert.Empty((await coordinator.Fleet.ListRunsAsync(new ListRunsRequest())).Runs);
    }

    private static StartActionRequest Request(string note) => new()
    {
        Host = "nas",
        Action = new Protocol.V1.Action { ZfsSnapshot = new ZfsSnapshotAction { Datasets = { "tank/data" } } },
        Note = note,
        RequestId = Guid.NewGuid().ToString(),
    };

    private static async Task<IEnumerable<string>> RefusedAsync(TestCoordinator coordinator, StartActionRequest request)
    {
        var error = await Assert.ThrowsAsync<RpcException>(async () => await coordinator.Fleet.StartActionAsync(request));
        Assert.Equal("INVALID_ARGUMENT", error.Trailers.GetValue("fleet-reason"));
        return ErrorDetail.Parser.ParseFrom(error.Trailers.GetValueBytes("fleet-error-bin")).Violations.Select(v => v.Field);
    }
}
