namespace Fleet.Schedules.Retention.Clock;

/// <summary>
/// The host's clocks, read together.
/// </summary>
/// <param name="Wall">What the wall clock says, in UTC.</param>
/// <param name="SinceBoot">Time since the machine started, time asleep included (CLOCK_BOOTTIME): the clock that nobody can set.</param>
/// <param name="BootId">Which start of the machine that is (<c>/proc/sys/kernel/random/boot_id</c>).</param>
public sealed record ClockReading(DateTimeOffset Wall, TimeSpan SinceBoot, string BootId);
