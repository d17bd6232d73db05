using Fleet.Coordinator.Tests.Policies;
using Fleet.Coordinator.Tests.Rig;
using Fleet.Coordinator.Tests.Telemetry.Otlp;
using Fleet.Protocol.V1;
using Fleet.Testing;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.Tests.Telemetry;

/// <summary>A run as whoever collects traces sees it, over OTLP with gRPC.</summary>
public sealed class TraceOfARunTests
{
    // opentelemetry.proto.trace.v1: SpanKind and StatusCode.
    private const int KindInternal = 1;
    private const int KindProducer = 4;
    private const int StatusUnset = 0;
    private const int StatusError = 2;

    [Fact]
    public async Task ScheduledRun_AcrossARestartOfTheCoordinator_IsOneTraceFromScheduleToResult()
    {
        await using var receiver = await OtlpReceiver.StartAsync();

        // Behind the real clock, by which spans end.
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow() - TimeSpan.FromHours(12));
        await using var coordinator = await StartAsync(receiver, clock);
        var agent = await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(TestPolicies.Every(TimeSpan.FromMinutes(15)));
        var queued = Assert.Single(await ScheduleTests.RunsAsync(coordinator, clock, TimeSpan.FromMinutes(1), found => found.Count > 0));
        await coordinator.RestartAsync();
        Assert.Equal(["run queue"], SpansOf(receiver, queued.RunId).Select(s => s.Name));

        await using var session = await agent.OpenAsync();
        var command = await session.CommandAsync();
        await session.StartAsync(command);
        var guard = new RunPhase { Name = "asking the guard", StartedAt = Instant(60), Duration = Length(0.25) };
        var running = new RunPhase { Name = "transferring", StartedAt = Instant(60.25), Duration = Length(7) };
        await session.FinishAsync(command, ActionOutcome.Succeeded, result => result.Phases.Add([guard, running]));
        var run = await coordinator.RunAsync(queued.RunId, RunState.Succeeded);
        await session.DisposeAsync();
        await coordinator.StopAsync();

        var all = SpansOf(receiver, run.RunId);
        Assert.Equal(
            [("asking the guard", Instant(60), Instant(60.25)), ("transferring", Instant(60.25), Instant(67.25))],
            all.Where(s => s.Name == "run phase")
                .Select(s => (Text(s.Attributes, "fleet.run.phase"), At(s.StartTimeUnixNano), At(s.EndTimeUnixNano))));
        Assert.All(all, s => Assert.Equal(run.TraceId, Hex(s.TraceId)));

        var spans = all.FindAll(s => s.Name != "run phase");
        Assert.Equal(["run queue", "run dispatch", "run"], spans.Select(s => s.Name));
        Assert.All(spans, s => Assert.Equal(run.TraceId, Hex(s.TraceId)));
        Assert.Equal(3, spans.Select(s => s.SpanId).Distinct().Count());
        Assert.Equal(["fleet-coordinator"], receiver.Traces.Select(t => Text(t.Resource.Attributes, "service.name")).Distinct());

        var (queue, dispatch, whole) = (spans[0], spans[1], spans[2]);
        Assert.Equal((KindProducer, 0), (queue.Kind, queue.ParentSpanId.Length));
        Assert.All([dispatch, whole], s => Assert.Equal((KindInternal, queue.SpanId), (s.Kind, s.ParentSpanId)));

        // The agent continues the same trace.
        Assert.Equal($"00-{run.TraceId}-{Hex(queue.SpanId)}-01", command.Traceparent);
        Assert.All(spans, s => Assert.Equal(("photos", "nas"), (Text(s.Attributes, "fleet.policy"), Text(s.Attributes, "fleet.host"))));
        Assert.Equal("schedule", Text(queue.Attributes, "fleet.run.trigger"));
        Assert.Equal(
            ("Succeeded", 1),
            (Text(whole.Attributes, "fleet.run.state"), whole.Attributes.Single(a => a.Key == "fleet.run.attempt").Value.IntValue));
        Assert.Equal(StatusUnset, whole.Status?.Code ?? StatusUnset);
        Assert.Equal(
            run.QueuedAt.ToDateTimeOffset(),
            DateTimeOffset.UnixEpoch.AddTicks((long)whole.StartTimeUnixNano / TimeSpan.NanosecondsPerTick));
        Assert.All(spans, s => Assert.True(s.EndTimeUnixNano >= s.StartTimeUnixNano));

        Timestamp Instant(double seconds) => Timestamp.FromDateTimeOffset(clock.GetUtcNow() + TimeSpan.FromSeconds(seconds));
        static Duration Length(double seconds) => Duration.FromTimeSpan(TimeSpan.FromSeconds(seconds));
        static Timestamp At(ulong nanoseconds) =>
            Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch.AddTicks((long)nanoseconds / TimeSpan.NanosecondsPerTick));
    }

    [Fact]
    public async Task FailedRuns_EachIsATraceOfItsOwnWithTheErrorOnIt()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var coordinator = await StartAsync(receiver, null);
        var agent = await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(TestPolicies.New());
        await using var session = await agent.OpenAsync();
        List<string> runs = [];
        for (var i = 0; i < 2; i++)
        {
            var run = await coordinator.StartAsync("photos");
            runs.Add(run.RunId);
            var command = await session.CommandAsync();
            await session.StartAsync(command);
            await session.FinishAsync(command, ActionOutcome.Failed);
            await coordinator.RunAsync(run.RunId, RunState.Failed);
        }

        await session.DisposeAsync();
        await coordinator.StopAsync();

        var spans = SpansOf(receiver, runs);
        Assert.Equal([3, 3], spans.GroupBy(s => s.TraceId).Select(t => t.Count()));
        Assert.All(spans.Where(s => s.Name == "run"), s =>
            Assert.Equal((StatusError, "test: Failed", "Failed"), (s.Status.Code, s.Status.Message, Text(s.Attributes, "fleet.run.state"))));
        var metrics = receiver.Metrics.SelectMany(m => m.ScopeMetrics).SelectMany(s => s.Metrics).Select(m => m.Name).ToHashSet();
        Assert.Contains("fleet.coordinator.grpc.calls", metrics);
        Assert.Contains("http.server.request.duration", metrics);
        Assert.Contains("Microsoft.Orleans", receiver.Metrics.SelectMany(m => m.ScopeMetrics).Select(s => s.Scope.Name));

        // The calls and the grains that had to do with it, from those who make them.
        var sources = receiver.Traces.SelectMany(t => t.ScopeSpans).Select(s => s.Scope.Name).ToHashSet();
        Assert.Superset(new HashSet<string> { "Fleet.Coordinator", "Microsoft.AspNetCore", "Microsoft.Orleans.Application" }, sources);
        Assert.Equal(["fleet-coordinator"], receiver.Metrics.Select(t => Text(t.Resource.Attributes, "service.name")).Distinct());
    }

    private static Task<TestCoordinator> StartAsync(OtlpReceiver receiver, TimeProvider? clock) =>
        TestCoordinator.StartAsync(clock, configure: options => options with { OtlpEndpoint = receiver.Endpoint });

    /// <summary>
    /// In the order of their ends. Tests run side by side in this process, and all coordinators' spans come to every receiver.
    /// </summary>
    private static List<Span> SpansOf(OtlpReceiver receiver, params IEnumerable<string> runIds) =>
        [.. receiver.Spans.Where(s => runIds.Contains(Text(s.Attributes, "fleet.run.id"))).OrderBy(s => s.EndTimeUnixNano)];

    private static string Hex(Google.Protobuf.ByteString bytes) => Convert.ToHexStringLower(bytes.Span);

    private static string Text(IEnumerable<KeyValue> attributes, string key) =>
        attributes.FirstOrDefault(a => a.Key == key)?.Value.StringValue ?? "";
}
