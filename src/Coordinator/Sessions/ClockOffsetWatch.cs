namespace Fleet.Coordinator.Sessions;

/// <summary>
/// Tracks the offset of a host's clock from ours by its heartbeats. A delayed heartbeat looks like a clock that is behind, so a single
/// heartbeat, or many that arrive at once, prove nothing. Not thread-safe.
/// </summary>
/// <param name="known">The offset known from the hello.</param>
internal sealed class ClockOffsetWatch(TimeSpan known, TimeProvider clock)
{
    /// <summary>A smaller change is not worth a transaction.</summary>
    private static readonly TimeSpan Change = TimeSpan.FromSeconds(30);

    /// <summary>Two heartbeats that differ by less agree.</summary>
    private static readonly TimeSpan Agreement = TimeSpan.FromSeconds(10);

    /// <summary>Heartbeats that arrive closer together were delayed together.</summary>
    private static readonly TimeSpan Apart = TimeSpan.FromSeconds(2);

    private TimeSpan _known = known;
    private (TimeSpan Offset, long At)? _last;

    /// <summary>Takes in a heartbeat.</summary>
    /// <returns>The offset, if it differs from the known one.</returns>
    public TimeSpan? Observe(DateTimeOffset sentAt)
    {
        var offset = sentAt - clock.GetUtcNow();
        var now = clock.GetTimestamp();
        var last = _last;
        if (last is { } one && clock.GetElapsedTime(one.At, now) < Apart)
        {
            return null;
        }

        _last = (offset, now);
        if ((offset - _known).Duration() <= Change || last is not { } before || (offset - before.Offset).Duration() > Agreement)
        {
            return null;
        }

        _known = offset;
        return offset;
    }
}
