using Fleet.Agent.Timing;
using Fleet.Testing;

namespace Fleet.Agent.Tests.Timing;

public sealed class SharedTimerTests : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(60);

    private readonly CountedTime _time = new();
    private readonly SharedTimer _timer;

    public SharedTimerTests() => _timer = new SharedTimer(_time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _timer.Dispose();

    [Fact]
    public async Task Wait_Alone_LastsToTheEndWhateverTheSlack()
    {
        var waiting = new WakeUp(_timer).WaitAsync(5 * Second, 2 * Second, Token);
        _time.Clock.Advance(5 * Second - TimeSpan.FromMilliseconds(1));
        Assert.Equal(0, _time.Expiries);
        _time.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await waiting.WaitAsync(Generous, Token);
    }

    [Fact]
    public async Task Wait_OthersAreDueWithinItsSlack_OneExpiryForAll()
    {
        var beat = new WakeUp(_timer).WaitAsync(5 * Second, Second, Token);
        var metrics = new WakeUp(_timer).WaitAsync(4.5 * Second, TimeSpan.Zero, Token);
        var other = new WakeUp(_timer).WaitAsync(15 * Second, 10.5 * Second, Token);
        var late = new WakeUp(_timer).WaitAsync(15 * Second, 10 * Second, Token);
        _time.Clock.Advance(4.5 * Second);
        await Task.WhenAll(beat, metrics, other).WaitAsync(Generous, Token);
        Assert.False(late.IsCompleted);
        Assert.Equal(1, _time.Expiries);
        _time.Clock.Advance(10.5 * Second);
        await late.WaitAsync(Generous, Token);
        Assert.Equal(2, _time.Expiries);
    }

    [Fact]
    public async Task Wait_ShorterThanThoseBefore_IsNotHeldUp()
    {
        var longer = new WakeUp(_timer).WaitAsync(10 * Second, TimeSpan.Zero, Token);
        var shorter = new WakeUp(_timer).WaitAsync(Second, TimeSpan.Zero, Token);
        _time.Clock.Advance(Second);
        await shorter.WaitAsync(Generous, Token);
        Assert.False(longer.IsCompleted);
        _time.Clock.Advance(9 * Second);
        await longer.WaitAsync(Generous, Token);
    }

    [Fact]
    public async Task Pulse_BeforeTheWait_IsNotMissedAndCountsOnce()
    {
        var wakeUp = new WakeUp(_timer);
        wakeUp.Pulse();
        wakeUp.Pulse();
        await wakeUp.WaitAsync(Timeout.InfiniteTimeSpan, TimeSpan.Zero, Token).WaitAsync(Generous, Token);
        var next = wakeUp.WaitAsync(Timeout.InfiniteTimeSpan, TimeSpan.Zero, Token);
        _time.Clock.Advance(TimeSpan.FromDays(1000));
        Assert.False(next.IsCompleted);
        wakeUp.Pulse();
        await next.WaitAsync(Generous, Token);
    }

    [Fact]
    public async Task Pulse_WhileItWaits_EndsThatWaitAlone()
    {
        var pulsed = new WakeUp(_timer);
        var waiting = pulsed.WaitAsync(10 * Second, 10 * Second, Token);
        var other = new WakeUp(_timer).WaitAsync(10 * Second, 10 * Second, Token);
        pulsed.Pulse();
        await waiting.WaitAsync(Generous, Token);
        Assert.False(other.IsCompleted);

        // What was armed for the first is not lost for the second.
        _time.Clock.Advance(10 * Second);
        await other.WaitAsync(Generous, Token);
    }

    [Fact]
    public async Task Cancel_WhileItWaits_EndsItAndItCanWaitAgain()
    {
        using var stop = new CancellationTokenSource();
        var wakeUp = new WakeUp(_timer);
        var waiting = wakeUp.WaitAsync(Second, TimeSpan.Zero, stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(Generous, Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wakeUp.WaitAsync(Second, TimeSpan.Zero, stop.Token));

        // The time of the wait that is over ends no other.
        var again = wakeUp.WaitAsync(3 * Second, TimeSpan.Zero, Token);
        _time.Clock.Advance(2 * Second);
        Assert.False(again.IsCompleted);
        _time.Clock.Advance(Second);
        await again.WaitAsync(Generous, Token);
    }

    [Fact]
    public async Task Wait_Twice_IsRefused()
    {
        var wakeUp = new WakeUp(_timer);
        var waiting = wakeUp.WaitAsync(Second, TimeSpan.Zero, Token);
        await Assert.ThrowsAsync<InvalidOperationException>(() => wakeUp.WaitAsync(Second, TimeSpan.Zero, Token));
        _time.Clock.Advance(Second);
        await waiting.WaitAsync(Generous, Token);
    }

    [Fact]
    public async Task Wait_OneWhoIsWokenBlocks_TheOthersGoOn()
    {
        using var release = new ManualResetEventSlim();
        var blocked = BlockAsync(new WakeUp(_timer));
        var other = new WakeUp(_timer);
        for (var i = 0; i < 3; i++)
        {
            var waiting = other.WaitAsync(Second, TimeSpan.Zero, Token);
            _time.Clock.Advance(Second);
            await waiting.WaitAsync(Generous, Token);
        }

        release.Set();
        await blocked.WaitAsync(Generous, Token);

        async Task BlockAsync(WakeUp wakeUp)
        {
            await wakeUp.WaitAsync(Second, TimeSpan.Zero, Token);
            release.Wait(Token);
        }
    }

    /// <summary>A clock moved by hand that counts how often timers fired.</summary>
    private sealed class CountedTime : TimeProvider
    {
        private int _expiries;

        public FakeTimeProvider Clock { get; } = new();

        public int Expiries => _expiries;

        public override long TimestampFrequency => Clock.TimestampFrequency;

        public override long GetTimestamp() => Clock.GetTimestamp();

        public override DateTimeOffset GetUtcNow() => Clock.GetUtcNow();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            Clock.CreateTimer(
                s =>
                {
                    Interlocked.Increment(ref _expiries);
                    callback(s);
                },
                state,
                dueTime,
                period);
    }
}
