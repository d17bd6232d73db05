using Fleet.Coordinator.Policies;
using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Fleet.Coordinator.Tests.Runs;

/// <summary>A person's word that a clock is right: who, why, and what it was.</summary>
public sealed class ClockAcceptActionTests
{
    private static readonly DateTimeOffset Was = new(2026, 11, 20, 20, 55, 0, TimeSpan.Zero);

    [Fact]
    public async Task StartAction_ClockAccept_IsAuditedAndAnEvent()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await using var session = await agent.OpenAsync();

        var run = await coordinator.Fleet.StartActionAsync(Request("its battery was empty"));
        var command = await session.CommandAsync();
        await session.StartAsync(command);
        var finished = ScriptedSession.Finished(command, ActionOutcome.Succeeded);
        finished.Result.ClockAccept = new ClockAcceptResult
        {
            Accepted = true,
            TrustedAt = Timestamp.FromDateTimeOffset(Was),
            Now = Timestamp.FromDateTimeOffset(Was.AddHours(-2)),
            Jump = Duration.FromTimeSpan(TimeSpan.FromHours(-3)),
        };
        await session.SendAsync(agent.Entry(finished));

        await coordinator.RunAsync(run.RunId, RunState.Succeeded);
        var ended = (await coordinator.AllEventsAsync(0, "run.*")).Single(e => e.Type == "run.succeeded").Attributes;
        Assert.Equal(
            ("true", "2026-11-20T20:55:00Z", "2026-11-20T18:55:00Z", "-10800", "its battery was empty"),
            (ended["accepted"], ended["clock_was"], ended["clock_is"], ended["jump_seconds"], ended["note"]));
        var audit = (await coordinator.AdminService.ListAuditAsync(new ListAuditRequest())).Entries;
        Assert.Contains(audit, e => e.Subject == "nas" && e.Detail == "action=clock_accept note=its battery was empty");
    }

    [Fact]
    public async Task StartAction_ClockAcceptWithoutAReason_IsRefusedUnlessItIsADryRun()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        await coordinator.EnrolAsync("nas");

        var error = await Assert.ThrowsAsync<RpcException>(async () => await coordinator.Fleet.StartActionAsync(Request("")));

        Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
        Assert.Contains("note: is required", error.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(RunState.Queued, (await coordinator.Fleet.StartActionAsync(Request("", dryRun: true))).State);
    }

    [Fact]
    public void Validate_PolicyThatAcceptsClocks_IsRefused()
    {
        var spec = TestPolicies.New(change: s => s.Action = new Protocol.V1.Action { ClockAccept = new ClockAcceptAction() });

        Assert.Equal("policies[0].action", Assert.Single(PolicyValidator.Validate([spec], new HashSet<string>()).Violations).Field);
    }

    private static StartActionRequest Request(string note, bool dryRun = false) => new()
    {
        Host = "nas",
        Action = new Protocol.V1.Action { ClockAccept = new ClockAcceptAction { DryRun = dryRun } },
        Note = note,
        RequestId = Guid.NewGuid().ToString(),
    };
}
