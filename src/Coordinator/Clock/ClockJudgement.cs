using Fleet.Coordinator.State.Clock;
using Fleet.Schedules.Retention.Clock;

namespace Fleet.Coordinator.Clock;

/// <summary>Computes how far a clock is ahead of what the time since the last trusted reading explains. Pure.</summary>
internal static class ClockJudgement
{
    /// <summary>A wrong date shifts by days, a wrong time zone by hours; a smaller jump forgets at most a day too early.</summary>
    public static readonly TimeSpan MostAhead = TimeSpan.FromHours(25);

    /// <summary>
    /// Within one boot, the monotonic clock says how much time has passed. Across a restart of the machine, it only says how much has
    /// passed at least. The rest counts as a jump: a machine that was off for long cannot be told apart from a clock that jumped.
    /// </summary>
    /// <param name="memory">Null if nothing is known yet; then any clock is accepted.</param>
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
