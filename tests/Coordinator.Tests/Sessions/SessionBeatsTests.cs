using Fleet.Coordinator.Sessions;
using Fleet.Testing;

namespace Fleet.Coordinator.Tests.Sessions;

public sealed class SessionBeatsTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 30, 12, 0, 0, TimeSpan.Zero));
    private readonly SessionBeats _beats;

    public SessionBeatsTests() => _beats = new SessionBeats(_clock);

    public void Dispose() => _beats.Dispose();

    [Fact]
    public async Task Session_BeatsOnceInEachInterval()
    {
        using var session = _beats.Open();
        for (var i = 0; i < 3; i++)
        {
            var next = session.NextAsync(TestContext.Current.CancellationToken);
            _clock.Advance(SessionServices.HeartbeatInterval - TimeSpan.FromMilliseconds(1));
            Assert.False(next.IsCompleted);
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            await next.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public void ManySessionsThatBeginAtOnce_DoNotBeatAtOnce()
    {
        var sessions = Enumerable.Range(0, 100).Select(_ => _beats.Open()).ToList();
        var waiting = sessions.Select(session => session.NextAsync(CancellationToken.None)).ToList();
        for (var i = 0; i < 20; i++)
        {
            _clock.Advance(SessionServices.HeartbeatInterval / 20);
            Assert.Equal(5, waiting.RemoveAll(static next => next.IsCompleted));
        }

        sessions.ForEach(static session => session.Dispose());
    }

    [Fact]
    public async Task TimeThatJumps_WakesEachOnce()
    {
        using var one = _beats.Open();
        using var two = _beats.Open();
        Task[] next = [one.NextAsync(TestContext.Current.CancellationToken), two.NextAsync(TestContext.Current.CancellationToken)];
        _clock.Advance(TimeSpan.FromHours(1));
        await Task.WhenAll(next).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.False(one.NextAsync(TestContext.Current.CancellationToken).IsCompleted);
        Assert.False(two.NextAsync(TestContext.Current.CancellationToken).IsCompleted);
    }

    [Fact]
    public async Task AfterATimeWithoutSessions_TheNextHasItsWholeInterval()
    {
        _beats.Open().Dispose();
        _clock.Advance(TimeSpan.FromDays(1));
        using var session = _beats.Open();
        var next = session.NextAsync(TestContext.Current.CancellationToken);
        Assert.False(next.IsCompleted);
        _clock.Advance(SessionServices.HeartbeatInterval);
        await next.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task SessionThatEnds_WaitsNoLonger()
    {
        using var stop = new CancellationTokenSource();
        using var session = _beats.Open();
        var next = session.NextAsync(stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
    }
}
