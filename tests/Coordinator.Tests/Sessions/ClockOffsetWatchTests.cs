using Fleet.Coordinator.Sessions;
using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Fleet.Testing;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.Tests.Sessions;

public sealed class ClockOffsetWatchTests
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Far = TimeSpan.FromHours(26);
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void ClockThatIsSet_IsSeenByTheSecondHeartbeat_Once()
    {
        var watch = new ClockOffsetWatch(TimeSpan.Zero, _clock);
        Assert.Null(Observe(watch, TimeSpan.Zero));
        Assert.Null(Observe(watch, Far));
        Assert.Equal(Far, Observe(watch, Far));
        Assert.Null(Observe(watch, Far));
        Assert.Null(Observe(watch, TimeSpan.Zero));
        Assert.Equal(TimeSpan.Zero, Observe(watch, TimeSpan.Zero));
    }

    [Fact]
    public void HeartbeatsThatWaitedAndComeAtOnce_SayNothing()
    {
        var watch = new ClockOffsetWatch(TimeSpan.Zero, _clock);
        var sent = _clock.GetUtcNow();
        _clock.Advance(TimeSpan.FromMinutes(3));
        for (var i = 0; i < 36; i++)
        {
            Assert.Null(watch.Observe(sent + (i * Beat)));
        }

        Assert.Null(Observe(watch, TimeSpan.Zero));
        Assert.Null(Observe(watch, TimeSpan.Zero));
    }

    [Fact]
    public async Task Host26HoursAhead_InTheMiddleOfASession_IsAnEventThatNamesTheClock()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await using var session = await agent.OpenAsync();
        var beats = BeatAsync(session);

        var told = await coordinator.EventAsync("host.clock_skew");

        Assert.Contains("the clock of nas is 26 h ahead of the coordinator's", told.Message, StringComparison.Ordinal);
        Assert.Contains(
            (await coordinator.Fleet.GetStatusAsync(new GetStatusRequest())).Attention,
            item => item.Code == "clock_skew" && item.Message.Contains("26 h ahead", StringComparison.Ordinal));
        await beats;
    }

    /// <summary>At the pace of an agent, or they would say nothing.</summary>
    private static async Task BeatAsync(ScriptedSession session)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromSeconds(2.5));
        for (var i = 0; i < 2; i++)
        {
            await session.SendAsync(new AgentMessage
            {
                Heartbeat = new AgentHeartbeat { SentAt = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow() + Far) },
            });
            await pace.WaitForNextTickAsync();
        }
    }

    private TimeSpan? Observe(ClockOffsetWatch watch, TimeSpan offset)
    {
        _clock.Advance(Beat);
        return watch.Observe(_clock.GetUtcNow() + offset);
    }
}
