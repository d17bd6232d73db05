using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Fleet.Coordinator.Tests.Policies;

/// <summary>What applying and deleting does to the fleet.</summary>
public sealed class ApplyTests
{
    [Fact]
    public async Task Delete_SaysWhatGoesOnAndWhatStays()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(TestPolicies.New(change: spec =>
        {
            spec.Action.Rsync.Mode = RsyncMode.Versions;
            spec.Action.Rsync.Destination.Path = Google.Protobuf.ByteString.CopyFromUtf8("/backup/{host}");
        }));
        await using var session = await agent.OpenAsync();
        await coordinator.StartAsync("photos");
        await session.StartAsync(await session.CommandAsync());

        var deleted = await coordinator.Fleet.DeletePolicyAsync(new DeletePolicyRequest { Name = "photos" });

        Assert.Equal((true, 0, 1), (deleted.Deleted, deleted.ExpiredRuns, deleted.RunningRuns));
        Assert.Contains("/backup/nas/fleet_photos_* on nas stay", Assert.Single(deleted.Remains), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_TwoWritersOfOneFolder_AreRefusedByName_AlsoLater()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(TestPolicies.New("first"));

        var refused = await Assert.ThrowsAsync<RpcException>(() => coordinator.ApplyAsync(
            TestPolicies.New(
                "second", spec => spec.Action.Rsync.Destination.Path = Google.Protobuf.ByteString.CopyFromUtf8("/backup/first/below"))));

        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.Contains("lies below the destination of first", refused.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_SomethingWrongInOne_ChangesNothingAndNamesAll()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        await coordinator.EnrolAsync("nas");
        var request = new ApplyPoliciesRequest();
        request.Policies.Add(TestPolicies.New("good"));
        request.Policies.Add(TestPolicies.New("bad", spec => spec.Target = new PolicyTarget { Hosts = { "nas", "gone", "lost" } }));
        request.Policies.Add(TestPolicies.New("good"));

        var error = await Assert.ThrowsAsync<RpcException>(async () => await coordinator.Fleet.ApplyPoliciesAsync(request));

        Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
        Assert.Equal("POLICY_INVALID", error.Trailers.GetValue("fleet-reason"));
        var detail = ErrorDetail.Parser.ParseFrom(error.Trailers.GetValueBytes("fleet-error-bin"));
        Assert.Equal(
            ["policies[1].target.hosts[1]", "policies[1].target.hosts[2]", "policies[2].name"], detail.Violations.Select(v => v.Field));
        Assert.Empty((await coordinator.Fleet.ListPoliciesAsync(new ListPoliciesRequest())).Policies);
        Assert.Empty(await coordinator.AllEventsAsync(0, "policy.*"));
    }

    [Fact]
    public async Task Apply_DryRunThenRealThenAgain_ShowsTheDiffAndEndsUnchanged()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        await coordinator.EnrolAsync("nas");
        var request = new ApplyPoliciesRequest { Policies = { TestPolicies.Every(TimeSpan.FromHours(1)) }, DryRun = true };

        var dry = Assert.Single((await coordinator.Fleet.ApplyPoliciesAsync(request)).Changes);
        Assert.Equal(PolicyChangeKind.Created, dry.Kind);
        Assert.Equal(["nas"], dry.Hosts);
        Assert.Empty((await coordinator.Fleet.ListPoliciesAsync(new ListPoliciesRequest())).Policies);

        request.DryRun = false;
        await coordinator.Fleet.ApplyPoliciesAsync(request);
        Assert.Equal(PolicyChangeKind.Unchanged, (await coordinator.Fleet.ApplyPoliciesAsync(request)).Changes[0].Kind);

        request.Policies[0].Schedule.Every = Duration.FromTimeSpan(TimeSpan.FromHours(2));
        var changed = (await coordinator.Fleet.ApplyPoliciesAsync(request)).Changes[0];
        Assert.Equal(PolicyChangeKind.Updated, changed.Kind);
        Assert.Equal(2, changed.Revision);
        var field = Assert.Single(changed.Fields);
        Assert.Equal(("schedule.every", "01:00:00", "02:00:00"), (field.Field, field.Before, field.After));
        Assert.Equal(["policy.created", "policy.updated"], (await coordinator.AllEventsAsync(0, "policy.*")).Select(e => e.Type));
    }

    [Fact]
    public async Task Apply_SelectorWithoutMatch_WarnsAndWaitsForAHost()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var spec = TestPolicies.New(change: s => s.Target = new PolicyTarget { MatchLabels = { ["role"] = "nas" } });
        var change = Assert.Single((await coordinator.Fleet.ApplyPoliciesAsync(new ApplyPoliciesRequest { Policies = { spec } })).Changes);
        Assert.Single(change.Warnings);

        var agent = await coordinator.EnrolAsync("nas", ("role", "nas"));

        await using var session = await agent.OpenAsync();
        Assert.Equal("photos", Assert.Single((await session.AssignmentAsync()).Policies).Spec.Name);
    }

    [Fact]
    public async Task Apply_ChangesTheAssignmentOfLiveHosts()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await using var session = await agent.OpenAsync();
        var before = await session.AssignmentAsync();
        Assert.Empty(before.Policies);

        await coordinator.ApplyAsync(TestPolicies.New());
        var applied = await session.AssignmentAsync();
        await coordinator.Fleet.DeletePolicyAsync(new DeletePolicyRequest { Name = "photos" });
        var deleted = await session.AssignmentAsync();

        Assert.Equal("photos", Assert.Single(applied.Policies).Spec.Name);
        Assert.Empty(deleted.Policies);
        Assert.True(before.Revision < applied.Revision && applied.Revision < deleted.Revision);
    }

    [Fact]
    public async Task Delete_ExpiresWaitingRuns()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(TestPolicies.New());
        var run = await coordinator.StartAsync("photos");

        var first = await coordinator.Fleet.DeletePolicyAsync(new DeletePolicyRequest { Name = "photos" });
        var second = await coordinator.Fleet.DeletePolicyAsync(new DeletePolicyRequest { Name = "photos" });

        Assert.True(first.Deleted);
        Assert.Equal(1, first.ExpiredRuns);
        Assert.False(second.Deleted);
        await coordinator.RunAsync(run.RunId, RunState.Expired);
    }
}
