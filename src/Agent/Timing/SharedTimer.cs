namespace Fleet.Agent.Timing;

/// <summary>
/// One timer for everything in this agent that is due at some time. Each expiry of a timer wakes two threads of a host that could sleep, so
/// what may come a little early comes together with what falls due first. Thread-safe.
/// </summary>
internal sealed class SharedTimer : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<WakeUp> _waiting = [];
    private readonly ITimer _timer;
    private long _armedFor = long.MaxValue;

    public SharedTimer(TimeProvider time)
    {
        Time = time;
        _timer = time.CreateTimer(static timer => ((SharedTimer)timer!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public TimeProvider Time { get; }

    public void Dispose() => _timer.Dispose();

    /// <param name="latest">Not below zero. <see cref="Timeout.InfiniteTimeSpan"/>: never by the time.</param>
    /// <param name="slack">So much before <paramref name="latest"/> it may be woken along with others.</param>
    internal Task Wait(WakeUp wakeUp, TimeSpan latest, TimeSpan slack)
    {
        lock (_gate)
        {
            if (wakeUp.TakePulse())
            {
                return Task.CompletedTask;
            }

            var now = Time.GetTimestamp();
            var (from, until) = latest == Timeout.InfiniteTimeSpan
                ? (long.MaxValue, long.MaxValue)
                : (now + Ticks(latest - slack), now + Ticks(latest));
            var waiting = wakeUp.Begin(from, until);
            _waiting.Add(wakeUp);
            Arm(now);
            return waiting;
        }
    }

    internal void Pulse(WakeUp wakeUp)
    {
        lock (_gate)
        {
            // The timer stays as it is: an expiry at which nothing is due costs less than rearming it each time.
            if (_waiting.Remove(wakeUp))
            {
                wakeUp.End();
            }
            else
            {
                wakeUp.KeepPulse();
            }
        }
    }

    internal void Cancel(WakeUp wakeUp, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_waiting.Remove(wakeUp))
            {
                wakeUp.Cancel(cancellationToken);
            }
        }
    }

    private void Fire()
    {
        lock (_gate)
        {
            var now = Time.GetTimestamp();
            _armedFor = long.MaxValue;
            for (var i = _waiting.Count - 1; i >= 0; i--)
            {
                if (_waiting[i].From <= now)
                {
                    _waiting[i].End();
                    _waiting.RemoveAt(i);
                }
            }

            Arm(now);
        }
    }

    private void Arm(long now)
    {
        var next = long.MaxValue;
        foreach (var waiting in _waiting)
        {
            next = Math.Min(next, waiting.Until);
        }

        if (next < _armedFor)
        {
            _armedFor = next;

            // Rounded up to what a timer knows, so that it does not fire just before somebody is due.
            _timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(Time.GetElapsedTime(now, Math.Max(now, next)).TotalMilliseconds)),
                Timeout.InfiniteTimeSpan);
        }
    }

    private long Ticks(TimeSpan span) => (long)(Math.Max(span.TotalSeconds, 0) * Time.TimestampFrequency);
}
