namespace Orleans.Reminders;

/// <summary>
/// One reminder's clock. Ticks fall on its start plus whole periods, whenever the silo was started; those that fell into a time
/// without a silo are left out.
/// </summary>
internal sealed class LocalReminder : IDisposable
{
    /// <summary>Timers reach no further; a longer wait is made of several.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(30);

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly Func<LocalReminder, DateTime, Task> _tick;
    private readonly ITimer _timer;
    private DateTime _due;
    private bool _ended;

    /// <param name="entry">What the table holds.</param>
    /// <param name="time">The clock.</param>
    /// <param name="tick">Called with the time when it is due; the next tick waits for its end. Must not throw.</param>
    public LocalReminder(ReminderEntry entry, TimeProvider time, Func<LocalReminder, DateTime, Task> tick)
    {
        Entry = entry;
        _time = time;
        _tick = tick;
        using (ExecutionContext.IsFlowSuppressed() ? default(AsyncFlowControl?) : ExecutionContext.SuppressFlow())
        {
            _timer = time.CreateTimer(
                static self => _ = ((LocalReminder)self!).OnTimerAsync(),
                this,
                Timeout.InfiniteTimeSpan,
                Timeout.InfiniteTimeSpan);
        }
    }

    public ReminderEntry Entry { get; }

    public void Start() => Arm(NextTick(Entry, _time.GetUtcNow().UtcDateTime));

    public void Dispose()
    {
        lock (_gate)
        {
            _ended = true;
        }

        _timer.Dispose();
    }

    /// <summary>The first tick that is not before <paramref name="now"/>.</summary>
    public static DateTime NextTick(ReminderEntry entry, DateTime now)
    {
        if (now <= entry.StartAt || entry.Period <= TimeSpan.Zero)
        {
            return entry.StartAt;
        }

        var past = (now - entry.StartAt).Ticks % entry.Period.Ticks;
        return past == 0 ? now : now.AddTicks(entry.Period.Ticks - past);
    }

    private async Task OnTimerAsync()
    {
        DateTime due;
        lock (_gate)
        {
            if (_ended)
            {
                return;
            }

            due = _due;
        }

        var now = _time.GetUtcNow().UtcDateTime;
        if (now < due)
        {
            // A piece of a long wait, or a clock that was set back.
            Arm(due);
            return;
        }

        await _tick(this, now);
        Arm(NextTick(Entry, _time.GetUtcNow().UtcDateTime.AddTicks(1)));
    }

    private void Arm(DateTime due)
    {
        lock (_gate)
        {
            if (_ended)
            {
                return;
            }

            _due = due;
            var wait = due - _time.GetUtcNow().UtcDateTime;
            wait = wait < TimeSpan.Zero ? TimeSpan.Zero : wait > LongestWait ? LongestWait : wait;
            _timer.Change(wait, Timeout.InfiniteTimeSpan);
        }
    }
}
