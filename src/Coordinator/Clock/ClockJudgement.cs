using Fleet.Coordinator.State.Clock;
using Fleet.Schedules.Retention.Clock;

namespace Fleet.Coordinator.Clock;

/// <summary>How far a clock is ahead of what the time since the last trusted reading explains. Pure.</summary>
internal static class ClockJudgement
{
    /// <summary>A day, as a wrong date makes it, and an hour, as a wrong time zone does: less forgets at most a day too early.</summary>
    public static readonly TimeSpan MostAhead = TimeSpan.FromHours(25);

    /// <summary>
    /// In one boot the monotonic clock says how much time went by. Across a restart of the machine it says what went by since then at
    /// least: the rest counts, for a machine that was off for long cannot be told from a clock that jumped.
    /// </summary>
    /// <param name="memory">Null if nothing is known yet, and any clock is right.</param>
    public static TimeSpan Ahead(ClockReading reading, TrustedReading? memory)
    {
        if (memory is null)
        {
            return TimeSpan.Zero;
        }

        var passed = memory.Reading.BootId == reading.BootId && reading.BootId.Length > 0 && reading.SinceBoot >= memory.Reading.SinceBoot
            ? reading.SinceBoot - memory.Reading.SinceBoot
            : memory.Reading.BootId.Length > 0 && memory.Reading.BootId != reading.BootId ? reading.SinceBoot : TimeSpan.Zero;
        return reading.Wall - memory.Wall - passed;
    }
}
