using Fleet.Coordinator.Configuration;
using Fleet.Coordinator.State.Events;
using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Fleet.Testing;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Fleet.Coordinator.Tests.Events;

public sealed class SubscribeTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Subscribe_WhileManyAppend_SeesEverySequenceOnceInOrder(int seed)
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var random = new Random(seed);
        await AppendAsync(coordinator, 700);
        var total = coordinator.Store.LastEventSequence + 2_000;

        // Subscribers come at any time, with any cursor; some filter.
        var subscribers = Enumerable.Range(0, 6).Select(async i =>
        {
            var after = random.Next(0, 600);
            var request = new SubscribeRequest { AfterSequence = after };
            if (i % 2 == 1)
            {
                request.Types_.Add("test.*");
            }

            using var call = coordinator.Events.Subscribe(request);
            using var limit = new CancellationTokenSource(Eventually.Limit);
            var seen = new List<long>();
            while (seen.Count == 0 || seen[^1] < total)
            {
                Assert.True(await call.ResponseStream.MoveNext(limit.Token));
                if (call.ResponseStream.Current.Event is { } fact)
                {
                    seen.Add(fact.Sequence);
                }
            }

            return (After: after, seen);
        }).ToList();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => AppendAsync(coordinator, 500, random.Next(1, 40))));

        foreach (var (after, seen) in await Task.WhenAll(subscribers))
        {
            Assert.Equal(Enumerable.Range(after + 1, (int)total - after).Select(i => (long)i), seen);
        }
    }

    [Fact]
    public async Task Append_ThatFails_LeavesNoGap()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var tasks = Enumerable.Range(0, 100).Select(i => Record.ExceptionAsync(() => coordinator.Store.WriteAsync(transaction =>
        {
            EventAppender.Append(transaction, new NewEvent("test.one", EventSeverity.Info, "one"));
            if (i % 3 == 0)
            {
                throw new InvalidOperationException("undone");
            }
        })).AsTask()).ToList();

        var failures = (await Task.WhenAll(tasks)).Count(exception => exception is InvalidOperationException);

        Assert.Equal(34, failures);
        var events = await coordinator.AllEventsAsync();
        Assert.Equal(Enumerable.Range(1, events.Count).Select(i => (long)i), events.Select(fact => fact.Sequence));
        Assert.Equal(66, events.Count(fact => fact.Type == "test.one"));
    }

    [Fact]
    public async Task SlowSubscriber_HoldsUpNobody()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        await AppendAsync(coordinator, 1);
        using var slow = coordinator.Events.Subscribe(new SubscribeRequest());
        using var quick = coordinator.Events.Subscribe(new SubscribeRequest { AfterSequence = -1 });
        using var limit = new CancellationTokenSource(Eventually.Limit);
        Assert.True(await slow.ResponseStream.MoveNext(limit.Token));
        var reading = Task.Run(async () =>
        {
            var count = 0;
            while (count < 5_000 && await quick.ResponseStream.MoveNext(limit.Token))
            {
                count += quick.ResponseStream.Current.Event is { Type: "test.big" } ? 1 : 0;
            }

            return count;
        });

        // 20 MB: more than any buffer on the way to the one that does not read.
        for (var i = 0; i < 10; i++)
        {
            await AppendAsync(coordinator, 500, 500, "test.big", new string('x', 4_000));
        }

        Assert.Equal(5_000, await reading.WaitAsync(Eventually.Limit));
        var last = slow.ResponseStream.Current.Event.Sequence;
        while (last < coordinator.Store.LastEventSequence)
        {
            Assert.True(await slow.ResponseStream.MoveNext(limit.Token));
            if (slow.ResponseStream.Current.Event is { } fact)
            {
                Assert.Equal(last + 1, fact.Sequence);
                last = fact.Sequence;
            }
        }
    }

    [Fact]
    public async Task Cursor_OlderThanTheOldestKept_IsOutOfRangeNamingTheOldest()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        await AppendAsync(coordinator, 100);
        await coordinator.Store.WriteAsync(transaction => EventStore.Forget(transaction, transaction.Now.AddDays(1), 60));

        using var call = coordinator.Events.Subscribe(new SubscribeRequest { AfterSequence = 10 });
        var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(CancellationToken.None));

        Assert.Equal(StatusCode.OutOfRange, error.StatusCode);
        Assert.Equal("CURSOR_EXPIRED", error.Trailers.GetValue("fleet-reason"));
        Assert.Equal("61", error.Trailers.GetValue("fleet-oldest-sequence"));
        var kept = await coordinator.AllEventsAsync();
        Assert.Equal(61, kept[0].Sequence);
        Assert.Equal(61, (await coordinator.AllEventsAsync(60))[0].Sequence);
        using var ahead = coordinator.Events.Subscribe(new SubscribeRequest { AfterSequence = 1_000_000 });
        Assert.Equal(
            StatusCode.OutOfRange,
            (await Assert.ThrowsAsync<RpcException>(() => ahead.ResponseStream.MoveNext(CancellationToken.None))).StatusCode);
    }

    [Fact]
    public async Task Forget_Everything_KeepsTheNewestSoThatTheSequenceGoesOn()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        await AppendAsync(coordinator, 10);
        var head = coordinator.Store.LastEventSequence;
        await coordinator.Store.WriteAsync(transaction => EventStore.Forget(transaction, transaction.Now.AddDays(1), 1_000));
        await coordinator.RestartAsync();

        await AppendAsync(coordinator, 1);

        Assert.Equal([head, head + 1], (await coordinator.AllEventsAsync()).Select(fact => fact.Sequence).Take(2));
    }

    /// <summary>
    /// Long stretches in which all, few and none are wanted, so that they are read in their order, looked up, and read again.
    /// </summary>
    [Fact]
    public async Task FilteredReplay_SeesEachThatIsWantedOnceInOrder()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var first = coordinator.Store.LastEventSequence;
        foreach (var every in new[] { 1, 100, 0, 1, 7, 3, 0 })
        {
            await coordinator.Store.WriteAsync(transaction =>
            {
                for (var i = 0; i < 1_700; i++)
                {
                    var type = every > 0 && i % every == 0 ? "test.wanted" : "test.other";
                    EventAppender.Append(transaction, new NewEvent(type, EventSeverity.Info, "a test"));
                }
            });
        }

        var all = await coordinator.AllEventsAsync(first);
        Assert.Equal(7 * 1_700, all.Count);
        Assert.Equal(
            all.Where(static fact => fact.Type == "test.wanted").Select(static fact => fact.Sequence),
            (await coordinator.AllEventsAsync(first, "test.wanted")).Select(static fact => fact.Sequence));
    }

    [Fact]
    public async Task Heartbeat_OnAFilteredStream_TellsASafeCursor()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var request = new SubscribeRequest
        {
            Types_ = { "nothing.like_this" },
            HeartbeatInterval = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)),
        };
        using var call = coordinator.Events.Subscribe(request);
        await AppendAsync(coordinator, 5);
        using var limit = new CancellationTokenSource(Eventually.Limit);

        do
        {
            Assert.True(await call.ResponseStream.MoveNext(limit.Token));
            Assert.NotNull(call.ResponseStream.Current.Heartbeat);
        }
        while (call.ResponseStream.Current.Heartbeat.Sequence < coordinator.Store.LastEventSequence);
    }

    [Fact]
    public async Task Filter_WithAnEmptyName_IsRefused()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        foreach (var request in new[] { new SubscribeRequest { Hosts = { "" } }, new SubscribeRequest { Policies = { "photos", "" } } })
        {
            using var call = coordinator.Events.Subscribe(request);
            var refused = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(CancellationToken.None));
            Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        }
    }

    [Theory]
    [InlineData("*")]
    [InlineData("run*")]
    [InlineData("")]
    public async Task Filter_Malformed_IsRefused(string type)
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        using var call = coordinator.Events.Subscribe(new SubscribeRequest { Types_ = { type } });

        var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(CancellationToken.None));

        Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
    }

    [Fact]
    public async Task Retention_ForgetsWhatIsOlderThanItIsTold()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.Zero));
        await using var coordinator = await TestCoordinator.StartAsync(clock);
        await AppendAsync(coordinator, 20);
        clock.Advance(TimeSpan.FromDays(2));
        await AppendAsync(coordinator, 3);
        var live = coordinator.Services.GetRequiredService<LiveOptions>();
        live.Current = live.Current with { EventsKeep = TimeSpan.FromDays(1) };

        clock.Advance(TimeSpan.FromMinutes(11));

        await Eventually.GetAsync(() => coordinator.AllEventsAsync(0, "test.*"), events => events.Count == 3, "three events are left");
    }

    private static Task AppendAsync(
        TestCoordinator coordinator,
        int count,
        int atOnce = 50,
        string type = "test.one",
        string message = "one"
    ) =>
        Task.WhenAll(
            Enumerable
                .Range(0, count)
                .Chunk(atOnce)
                .Select(part =>
                    coordinator.Store.WriteAsync(transaction =>
                    {
                        foreach (var _ in part)
                        {
                            EventAppender.Append(transaction, new NewEvent(type, EventSeverity.Info, message));
                        }
                    })));
}
