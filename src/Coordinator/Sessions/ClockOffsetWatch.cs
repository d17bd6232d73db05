namespace Fleet.Coordinator.Sessions;

/// <summary>
/// Follows how far a host's clock is from ours by its heartbeats. What waited on its way looks like a clock that is behind, so one
/// heartbeat alone, or many that come at once, say nothing. Not for several threads at once.
/// </summary>
/// <param name="known">What is known since the hello.</param>
internal sealed class ClockOffsetWatch(TimeSpan known, TimeProvider clock)
{
    /// <summary>A smaller change is not worth a transaction.</summary>
    private static readonly TimeSpan Change = TimeSpan.FromSeconds(30);

    /// <summary>Two heartbeats that differ by less say the same.</summary>
    private static readonly TimeSpan Agreement = TimeSpan.FromSeconds(10);

    /// <summary>Heartbeats that come sooner after another waited together.</summary>
    private static readonly TimeSpan Apart = TimeSpan.FromSeconds(2);

    private TimeSpan _known = known;
    private (TimeSpan Offset, long At)? _last;

    /// <summary>One came.</summary>
    /// <returns>The offset, if it is another than was known.</returns>
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
