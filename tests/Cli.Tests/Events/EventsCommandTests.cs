using Fleet.Cli.Outcomes;
using Fleet.Cli.Tests.Scripted;
using Fleet.Protocol.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Fleet.Cli.Tests.Events;

public sealed class EventsCommandTests : IAsyncLifetime
{
    private readonly Terminal _terminal = new();
    private ScriptedCoordinator _coordinator = null!;

    public async ValueTask InitializeAsync()
    {
        _coordinator = await ScriptedCoordinator.StartAsync();
        _coordinator.Script.On<GetStatusRequest, GetStatusResponse>("GetStatus", _ => new GetStatusResponse { LastEventSequence = 120 });
        _terminal.With(_coordinator);
    }

    public async ValueTask DisposeAsync()
    {
        await _coordinator.DisposeAsync();
        _terminal.Dispose();
    }

    private static SubscribeResponse Event(long sequence) => new()
    {
        Event = new Event
        {
            Sequence = sequence,
            At = Fleets.At("1h"),
            Type = "run.failed",
            Severity = EventSeverity.Error,
            HostName = "web1",
            Policy = "nightly-home",
            RunId = "3f9c2a81d0b4e5f60718293a4b5c6d7e",
            Message = $"event {sequence} \u001b[31m",
            Attributes = { ["exit_code"] = "23" },
        },
    };

    private static SubscribeResponse Heartbeat(long sequence) => new() { Heartbeat = new EventHeartbeat { Sequence = sequence } };

    [Fact]
    public async Task Events_NoCursor_ShowsTheTail()
    {
        _coordinator.Script.OnStream<SubscribeRequest>("Subscribe", (_, stream, _) => stream.WriteAsync(Event(71)));
        _terminal.Time = Fleets.Clock();

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("events", "--type", "run.*", "--host", "web1", "--policy", "p"));

        var request = Assert.Single(_coordinator.Script.Requests<SubscribeRequest>("Subscribe"));
        Assert.Equal(70, request.AfterSequence);
        Assert.True(request.ReplayOnly);
        Assert.Equal(["run.*"], request.Types_);
        Assert.Equal(["web1"], request.Hosts);
        Assert.Equal(["p"], request.Policies);
        Assert.Equal(
            "    71  2026-11-20 19:00:00  E run.failed            web1 nightly-home 3f9c2a81d0b4: event 71 \\x1b[31m\n", _terminal.Output);
    }

    [Fact]
    public async Task Events_Json_IsOneEventPerLine()
    {
        _coordinator.Script.OnStream<SubscribeRequest>("Subscribe", async (_, stream, _) =>
        {
            await stream.WriteAsync(Event(1));
            await stream.WriteAsync(Heartbeat(1));
            await stream.WriteAsync(Event(2));
        });

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("events", "--after", "0", "--json"));

        Assert.Equal(
            [Event(1).Event, Event(2).Event],
            _terminal.Output.TrimEnd('\n').Split('\n').Select(Event_.Parse));
        Assert.Contains("\"sequence\": \"1\"", _terminal.Output, StringComparison.Ordinal);
        Assert.Contains("\"severity\": \"EVENT_SEVERITY_ERROR\"", _terminal.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_StreamLost_ComesBackWithItsCursorAndPrintsEachOnce()
    {
        var asked = new List<long>();
        using var ctrlC = new CancellationTokenSource();
        _coordinator.Script.OnStream<SubscribeRequest>("Subscribe", async (request, stream, context) =>
        {
            asked.Add(request.AfterSequence);
            switch (asked.Count)
            {
                case 1:
                    await stream.WriteAsync(Event(11));
                    await stream.WriteAsync(Event(12));
                    throw new RpcException(new Grpc.Core.Status(StatusCode.Unavailable, "restarting\n"));
                case 2:
                    // The filters let nothing through up to here: only the heartbeat tells.
                    await stream.WriteAsync(Heartbeat(40));
                    break;
                default:
                    await stream.WriteAsync(Event(40));
                    await stream.WriteAsync(Event(41));
                    await Task.Delay(Timeout.Infinite, context.CancellationToken);
                    break;
            }
        });
        var run = _terminal.RunAsync(ctrlC.Token, "events", "-f", "--after", "10", "--json");
        await _terminal.WaitForOutputAsync("event 41");
        await ctrlC.CancelAsync();

        Assert.Equal(ExitCode.Cancelled, await run.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal([10, 12, 40], asked);
        Assert.Equal([11, 12, 41], _terminal.Output.TrimEnd('\n').Split('\n').Select(l => Event_.Parse(l).Sequence));
        Assert.Contains("lost the coordinator (restarting\\n); continuing after event 12 in", _terminal.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_CoordinatorRestarts_FollowsTheNewProcess()
    {
        var script = new Script().OnStream<SubscribeRequest>("Subscribe", async (request, stream, context) =>
        {
            await stream.WriteAsync(Event(request.AfterSequence + 1));
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
        });
        var first = await ScriptedCoordinator.StartAsync(script: script);
        _terminal.With(first);
        using var ctrlC = new CancellationTokenSource();
        var run = _terminal.RunAsync(ctrlC.Token, "events", "-f", "--after", "5");
        await _terminal.WaitForOutputAsync("event 6");
        await first.DisposeAsync();
        await using var second = await ScriptedCoordinator.StartAsync(first.Port, first.Authority, script);
        await _terminal.WaitForOutputAsync("event 7");
        await ctrlC.CancelAsync();

        Assert.Equal(ExitCode.Cancelled, await run.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal([5, 6], script.Requests<SubscribeRequest>("Subscribe").Select(r => r.AfterSequence));
    }

    [Fact]
    public async Task Events_SilentStream_IsTakenForDead()
    {
        var clock = Fleets.Clock();
        _terminal.Time = clock;
        var opened = 0;
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _coordinator.Script.OnStream<SubscribeRequest>("Subscribe", async (_, stream, context) =>
        {
            first.TrySetResult();
            if (Interlocked.Increment(ref opened) == 2)
            {
                await stream.WriteAsync(Event(8));
            }

            await Task.Delay(Timeout.Infinite, context.CancellationToken);
        });
        using var ctrlC = new CancellationTokenSource();
        var run = _terminal.RunAsync(ctrlC.Token, "events", "-f", "--after", "7");
        await first.Task.WaitAsync(TimeSpan.FromSeconds(60));
        clock.Advance(TimeSpan.FromSeconds(61));
        await _terminal.WaitForOutputAsync("nothing was received); continuing after event 7");
        await clock.WaitForTimersAsync();
        clock.Advance(TimeSpan.FromSeconds(1));
        await _terminal.WaitForOutputAsync("event 8");
        await ctrlC.CancelAsync();

        Assert.Equal(ExitCode.Cancelled, await run.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public async Task Events_ExpiredCursor_EndsWithTheCoordinatorsWords()
    {
        _coordinator.Script.OnStream<SubscribeRequest>("Subscribe", (_, _, _) =>
            throw Script.Error(StatusCode.OutOfRange, Reason.CursorExpired, "the oldest event kept is 500", "begin there: --after 499"));

        Assert.Equal(ExitCode.WrongState, await _terminal.RunAsync("events", "-f", "--after", "3"));

        Assert.Equal("error: the oldest event kept is 500\n  what to do: begin there: --after 499\n", _terminal.Error);
    }

    [Fact]
    public async Task Events_NotPermitted_IsNotRetried()
    {
        _coordinator.Script.OnStream<SubscribeRequest>("Subscribe", (_, _, _) =>
            throw Script.Error(StatusCode.Unauthenticated, Reason.IdentityRevoked, "revoked"));

        Assert.Equal(ExitCode.NotPermitted, await _terminal.RunAsync("events", "-f", "--after", "3"));

        Assert.Single(_coordinator.Script.Requests<SubscribeRequest>("Subscribe"));
    }

    private static class Event_
    {
        public static Event Parse(string json) => JsonParser.Default.Parse<Event>(json);
    }
}
