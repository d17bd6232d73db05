using Fleet.Coordinator.Grains;
using Fleet.Coordinator.Sessions;
using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Fleet.Testing;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Fleet.Coordinator.Tests.Sessions;

public sealed class SessionTests
{
    [Fact]
    public async Task Session_WholeRun_EndsInOneResultAndItsEvents()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(TestPolicies.New());
        await using var session = await agent.OpenAsync();

        var run = await coordinator.StartAsync("photos");
        var command = await session.CommandAsync();
        Assert.Equal(run.RunId, command.RunId);
        Assert.Equal(1, command.Attempt);
        Assert.Equal(55, command.Traceparent.Length);
        Assert.Contains(run.TraceId, command.Traceparent, StringComparison.Ordinal);
        await session.StartAsync(command);
        await coordinator.RunAsync(run.RunId, RunState.Running);
        await session.FinishAsync(command);

        var ended = await coordinator.RunAsync(run.RunId, RunState.Succeeded);
        Assert.Equal("test: Succeeded", ended.Result.Message);
        var events = await coordinator.AllEventsAsync(0, "run.*");
        Assert.Equal(["run.queued", "run.started", "run.succeeded"], events.Select(fact => fact.Type));
        Assert.All(events, fact => Assert.Equal(run.RunId, fact.RunId));
        var policy = await coordinator.Fleet.GetPolicyAsync(new GetPolicyRequest { Name = "photos" });
        Assert.Equal(ProtectionState.Ok, Assert.Single(policy.Hosts).State);
    }

    [Fact]
    public async Task Outbox_DeliveredTwice_CountsOnce()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(TestPolicies.New());
        var first = await agent.OpenAsync();
        var run = await coordinator.StartAsync("photos");
        var command = await first.CommandAsync();
        var started = agent.Entry(ScriptedSession.Started(command));
        var finished = agent.Entry(ScriptedSession.Finished(command));
        await first.SendAsync(started);
        await first.SendAsync(finished);
        await first.AcknowledgedAsync(2);
        await first.SendAsync(started);
        await first.SendAsync(finished);
        await first.DisposeAsync();

        // After a lost acknowledgement the agent sends it all again, from its disk.
        await using var second = await agent.OpenAsync();
        Assert.Equal(2, second.Welcome.AcknowledgedSequence);
        Assert.Equal(agent.OutboxId, second.Welcome.AcknowledgedOutboxId);
        await second.SendAsync(started);
        await second.SendAsync(finished);
        await second.AcknowledgedAsync(2);

        // Another outbox, as after a lost state directory, with the same news under new numbers.
        agent.OutboxId = "new";
        agent.Sequence = 0;
        await second.SendAsync(agent.Entry(ScriptedSession.Finished(command, ActionOutcome.Failed)));
        await second.AcknowledgedAsync(1);
        Assert.Equal(RunState.Succeeded, (await coordinator.RunAsync(run.RunId, RunState.Succeeded)).State);
        var events = await coordinator.AllEventsAsync(0, "run.*");
        Assert.Equal(["run.queued", "run.started", "run.succeeded"], events.Select(fact => fact.Type));
    }

    [Fact]
    public async Task Outbox_OutOfOrder_EndsTheSession()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await using var session = await agent.OpenAsync();
        await session.SendAsync(agent.Entry(new AgentNotice { Code = "configuration_reloaded", Message = "one" }));
        await session.AcknowledgedAsync(1);
        agent.Sequence = 2;

        await session.SendAsync(agent.Entry(new AgentNotice { Code = "configuration_reloaded", Message = "three" }));

        var end = await session.EndAsync();
        Assert.Equal(StatusCode.InvalidArgument, end.StatusCode);
    }

    [Fact]
    public async Task Restart_InTheMiddleOfARun_GivesOneResult()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(TestPolicies.New());
        var session = await agent.OpenAsync();
        var run = await coordinator.StartAsync("photos");
        var command = await session.CommandAsync();
        await session.StartAsync(command);

        await coordinator.RestartAsync();
        await session.DisposeAsync();
        Assert.Equal(RunState.Running, (await coordinator.RunAsync(run.RunId, RunState.Running)).State);

        // The tool has ended: the result waits in the outbox and comes before anything is sent again.
        var finished = agent.Entry(ScriptedSession.Finished(command));
        await using var again = await agent.OpenAsync();
        Assert.Equal(1, again.Welcome.AcknowledgedSequence);
        await again.SendAsync(finished);
        await again.AcknowledgedAsync(2);
        await coordinator.RunAsync(run.RunId, RunState.Succeeded);
        var other = await coordinator.StartAsync("photos");
        Assert.Equal(other.RunId, (await again.CommandAsync()).RunId);
        Assert.Single(await coordinator.AllEventsAsync(0, "run.succeeded"));
    }

    [Fact]
    public async Task Hello_WithoutARunThatWasSent_GetsTheSameAttemptAgain()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(TestPolicies.New());
        var first = await agent.OpenAsync();
        await coordinator.StartAsync("photos");
        var command = await first.CommandAsync();
        await first.DisposeAsync();

        await using var second = await agent.OpenAsync();
        Assert.Equal(command, await second.CommandAsync());
        await second.DisposeAsync();

        // One that says that it has it is not asked again.
        await using var third = await agent.OpenAsync(hello => hello.Running.Add(new RunAttempt { RunId = command.RunId, Attempt = 1 }));
        await third.StartAsync(command);
        await third.FinishAsync(command);
        await coordinator.RunAsync(command.RunId, RunState.Succeeded);
    }

    [Fact]
    public async Task AgentThatEndsItsStream_WhileAnswersAreOnTheirWay_IsToldTheEndAndNotResetTo()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        for (var round = 0; round < 5; round++)
        {
            await using var session = await agent.OpenAsync();
            for (var i = 1; i <= 1_000; i++)
            {
                await session.SendAsync(new AgentMessage { Metrics = new MetricBatch { Sequence = i } });
            }

            await session.CompleteAsync();
        }
    }

    [Trait("Store", "Sqlite")]
    [Fact]
    public async Task SessionThatEnds_WhileThatCannotBeWrittenDown_IsClosedLater()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        var session = await agent.OpenAsync();
        await coordinator.Store.WriteAsync(static transaction =>
            transaction.Execute("CREATE TRIGGER refuse BEFORE UPDATE OF connected ON hosts BEGIN SELECT RAISE(FAIL, 'not now'); END"));
        await session.DisposeAsync();
        await Eventually.GetAsync(
            () => Task.FromResult(coordinator.Services.GetRequiredService<SessionRegistry>().Count),
            static count => count == 0,
            "the session's end");
        await coordinator.Services.GetRequiredService<IGrainFactory>().GetGrain<IHostGrain>(agent.HostId).DispatchAsync();
        Assert.Equal(HostState.Online, (await coordinator.Fleet.GetHostAsync(new GetHostRequest { Host = "nas" })).State);

        await coordinator.Store.WriteAsync(static transaction => transaction.Execute("DROP TRIGGER refuse"));
        await Eventually.GetAsync(
            async () => await coordinator.Fleet.GetHostAsync(new GetHostRequest { Host = "nas" }),
            static host => host.State != HostState.Online,
            "the host is not connected");
    }

    /// <summary>The coordinator asks the first machine whether it lives, and must not wait for itself before it hears the answer.</summary>
    [Fact]
    public async Task SecondMachine_WhenAHeartbeatOfTheFirstComesBeforeItsAnswer_IsRefused()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await using var first = await agent.OpenAsync();
        first.BeatsBeforeItAnswers = true;
        await using var second = agent.Start(static hello => hello.InstanceId = "clone");
        Assert.Equal("DUPLICATE_IDENTITY", (await second.EndAsync()).Trailers.GetValue("fleet-reason"));
    }

    [Fact]
    public async Task SecondMachine_WhileTheFirstAnswers_IsRefusedAndBothAreTold()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await using var first = await agent.OpenAsync();
        await using var second = agent.Start(hello =>
        {
            hello.InstanceId = "clone";
            hello.Facts.MachineIdHash = new string('b', 64);
        });

        var end = await second.EndAsync();
        Assert.Equal(StatusCode.AlreadyExists, end.StatusCode);
        Assert.Equal("DUPLICATE_IDENTITY", end.Trailers.GetValue("fleet-reason"));
        var notice = await first.WaitAsync(message => message.KindCase == CoordinatorMessage.KindOneofCase.Notice);
        Assert.Equal(SessionNoticeCode.DuplicateIdentity, notice.Notice.Code);
        var told = await coordinator.EventAsync("host.duplicate_identity");
        Assert.Equal(new string('a', 64), told.Attributes["machine_id_hash"]);
        Assert.Equal(new string('b', 64), told.Attributes["refused_machine_id_hash"]);
        var status = await coordinator.Fleet.GetStatusAsync(new GetStatusRequest());
        Assert.Contains(status.Attention, item => item.Code == "duplicate_identity" && item.WhatToDo.Length > 0);

        // The first one is untouched.
        await coordinator.ApplyAsync(TestPolicies.New());
        await coordinator.StartAsync("photos");
        await first.CommandAsync();
    }

    [Fact]
    public async Task SecondMachine_WhileTheFirstIsSilent_TakesItsPlace()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await using var first = await agent.OpenAsync();
        first.AnswersProbes = false;

        await using var second = await agent.OpenAsync(hello => hello.InstanceId = "restarted");

        Assert.Equal(StatusCode.Aborted, (await first.EndAsync()).StatusCode);
        Assert.NotEmpty(second.Welcome.SessionId);
    }

    [Fact]
    public async Task SameProcess_ThatComesBack_TakesItsOwnPlaceAtOnce()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await using var first = await agent.OpenAsync();
        await using var second = await agent.OpenAsync();

        Assert.Equal(StatusCode.Aborted, (await first.EndAsync()).StatusCode);
        var host = await coordinator.Fleet.GetHostAsync(new GetHostRequest { Host = "nas" });
        Assert.Equal(HostState.Online, host.State);
        Assert.Empty(await coordinator.AllEventsAsync(0, "host.clone_suspected", "host.duplicate_identity"));
    }

    [Fact]
    public async Task Hello_ThatForgotItsSession_IsTakenAndTold()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await using (var first = await agent.OpenAsync())
        {
            await first.HeartbeatAsync();
            await coordinator.EventAsync("host.connected");
        }

        await coordinator.EventAsync("host.disconnected");
        await using var second = await agent.OpenAsync(hello => hello.PreviousSessionId = "from-an-old-image");

        await coordinator.EventAsync("host.clone_suspected");
    }

    [Fact]
    public async Task Hello_OfAnotherBoot_IsAReboot()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await using var first = await agent.OpenAsync();
        await using var second = await agent.OpenAsync(hello => hello.BootId = "boot-2");

        Assert.Equal("boot-1", (await coordinator.EventAsync("host.rebooted")).Attributes["previous_boot_id"]);
    }

    [Fact]
    public async Task Hello_WithAClockHoursOff_IsTakenToldAndShown()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await using var session = await agent.OpenAsync(hello => hello.SentAt += Duration.FromTimeSpan(TimeSpan.FromHours(3)));

        var notice = await session.WaitAsync(message => message.KindCase == CoordinatorMessage.KindOneofCase.Notice);
        Assert.Equal(SessionNoticeCode.ClockSkew, notice.Notice.Code);
        Assert.Contains("3 h ahead", notice.Notice.Message, StringComparison.Ordinal);
        await coordinator.EventAsync("host.clock_skew");
        var status = await coordinator.Fleet.GetStatusAsync(new GetStatusRequest());
        Assert.Contains(status.Attention, item => item.Code == "clock_skew" && item.HostName == "nas");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public async Task Hello_OfAnUnknownOldRevision_IsRefusedSayingWhatToUpgrade(int revision)
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await using var session = agent.Start(hello => hello.ProtocolRevision = revision);

        var end = await session.EndAsync();
        Assert.Equal(StatusCode.FailedPrecondition, end.StatusCode);
        Assert.Equal("PROTOCOL_UNSUPPORTED", end.Trailers.GetValue("fleet-reason"));
        Assert.Contains(
            "fleet-agent",
            ErrorDetail.Parser.ParseFrom(end.Trailers.GetValueBytes("fleet-error-bin")).WhatToDo,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hello_OfANewerRevision_IsWelcomedInOurs()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await using var session = await agent.OpenAsync(hello => hello.ProtocolRevision = 7);

        Assert.Equal(1, session.Welcome.ProtocolRevision);
    }

    [Fact]
    public async Task RemovedHost_LosesItsSessionAtOnceAndItsRunsEnd()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(TestPolicies.New());
        await using var session = await agent.OpenAsync();
        var run = await coordinator.StartAsync("photos");
        await session.StartAsync(await session.CommandAsync());

        await coordinator.AdminService.RemoveHostAsync(new RemoveHostRequest { Host = "nas", Reason = "sold" });

        Assert.Equal(StatusCode.Unauthenticated, (await session.EndAsync()).StatusCode);
        await coordinator.RunAsync(run.RunId, RunState.Interrupted);
        var second = agent.Start();
        Assert.Equal(StatusCode.Unauthenticated, (await second.EndAsync()).StatusCode);
    }

    [Fact]
    public async Task GoingAway_IsToldBeforeTheStreamEnds()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await using var session = await agent.OpenAsync();
        var lifetime = (Microsoft.Extensions.Hosting.IHostApplicationLifetime)coordinator.Services
            .GetService(typeof(Microsoft.Extensions.Hosting.IHostApplicationLifetime))!;

        lifetime.StopApplication();

        var notice = await session.WaitAsync(message => message.KindCase == CoordinatorMessage.KindOneofCase.Notice);
        Assert.Equal(SessionNoticeCode.GoingAway, notice.Notice.Code);
        Assert.Equal(StatusCode.Unavailable, (await session.EndAsync()).StatusCode);
    }

    [Fact]
    public async Task Notice_BecomesAnEventOfTheAgent()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await using var session = await agent.OpenAsync();
        await session.SendAsync(agent.Entry(new AgentNotice
        {
            Code = "guard_refused",
            Message = "no",
            Attributes = { ["rule"] = "paths.deny" },
        }));

        var told = await coordinator.EventAsync("agent.guard_refused");
        Assert.Equal("paths.deny", told.Attributes["rule"]);
        Assert.Equal("nas", told.HostName);
    }
}
