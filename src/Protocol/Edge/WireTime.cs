using Google.Protobuf.WellKnownTypes;

namespace Fleet.Protocol.Edge;

/// <summary>
/// Instants and lengths of time from a peer. What passes can be added, compared and written without an overflow anywhere. Pure.
/// </summary>
public static class WireTime
{
    /// <summary>A host without a battery for its clock says so, and is right to.</summary>
    public static readonly DateTimeOffset Earliest = DateTimeOffset.UnixEpoch;

    public static readonly DateTimeOffset Latest = new(2200, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>No length of time in Fleet's messages is longer.</summary>
    public static readonly TimeSpan Longest = Latest - Earliest;

    private const int NanosPerSecond = 1_000_000_000;
    private const int NanosPerTick = 100;

    /// <summary>False: it lies outside of 1970 to 2200, or is no instant at all.</summary>
    public static bool TryRead(Timestamp? value, out DateTimeOffset instant)
    {
        instant = default;
        if (value is not { Nanos: >= 0 and < NanosPerSecond }
            || value.Seconds < Earliest.ToUnixTimeSeconds()
            || value.Seconds >= Latest.ToUnixTimeSeconds())
        {
            return false;
        }

        instant = Earliest.AddSeconds(value.Seconds).AddTicks(value.Nanos / NanosPerTick);
        return true;
    }

    /// <summary>
    /// False: it is shorter than <paramref name="least"/> or longer than <paramref name="most"/>, or no length of time at all.
    /// </summary>
    public static bool TryRead(Duration? value, TimeSpan least, TimeSpan most, out TimeSpan span)
    {
        span = default;
        if (value is not { Nanos: > -NanosPerSecond and < NanosPerSecond }
            || value.Seconds > (long)Longest.TotalSeconds
            || value.Seconds < -(long)Longest.TotalSeconds
            || (value.Seconds > 0 && value.Nanos < 0)
            || (value.Seconds < 0 && value.Nanos > 0))
        {
            return false;
        }

        span = TimeSpan.FromTicks((value.Seconds * TimeSpan.TicksPerSecond) + (value.Nanos / NanosPerTick));
        return span >= least && span <= most;
    }

    /// <summary>Null if absent, or not usable.</summary>
    public static DateTimeOffset? InstantOf(Timestamp? value) => TryRead(value, out var instant) ? instant : null;

    /// <summary>Null if absent, or not usable.</summary>
    public static TimeSpan? SpanOf(Duration? value) => TryRead(value, -Longest, Longest, out var span) ? span : null;
}
