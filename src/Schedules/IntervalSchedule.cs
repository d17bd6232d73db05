namespace Fleet.Schedules;

/// <summary>
/// A fixed interval, counted from 1970-01-01T00:00:00Z and shifted by a stable offset. Counting from a fixed point and not
/// from the last run keeps the instants the same on every party and after every restart.
/// </summary>
public sealed class IntervalSchedule : ISchedule
{
    /// <summary>The shortest interval that a schedule may have.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    private readonly long _intervalTicks;
    private readonly long _offsetTicks;

    /// <param name="every">The interval, at least <see cref="Shortest"/>.</param>
    /// <param name="offset">Shift of every instant, not negative; see <see cref="ScheduleSpread"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public IntervalSchedule(TimeSpan every, TimeSpan offset)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(every, Shortest);
        ArgumentOutOfRangeException.ThrowIfLessThan(offset, TimeSpan.Zero);
        _intervalTicks = every.Ticks;
        _offsetTicks = offset.Ticks % every.Ticks;
    }

    /// <inheritdoc/>
    public DateTimeOffset? NextAfter(DateTimeOffset instant)
    {
        var sinceFirst = instant.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks - _offsetTicks;
        var intervals = Math.DivRem(sinceFirst, _intervalTicks, out var remainder);
        if (remainder < 0)
        {
            intervals--;
        }

        var next = DateTimeOffset.UnixEpoch.UtcTicks + _offsetTicks + ((intervals + 1) * _intervalTicks);
        return next > DateTimeOffset.MaxValue.UtcTicks ? null : new DateTimeOffset(next, TimeSpan.Zero);
    }
}
