using Fleet.Schedules.Retention.Clock;

namespace Fleet.Coordinator.State.Clock;

/// <summary>What the store remembers of the clock.</summary>
/// <param name="Reading">The newest one that was trusted. An empty boot id: taken from what was stored, not from a clock.</param>
/// <param name="SuspectSince">What the wall clock said when a jump was first seen. Null if it is trusted.</param>
/// <param name="SuspectJump">How far ahead it is.</param>
internal sealed record TrustedReading(ClockReading Reading, DateTimeOffset? SuspectSince, TimeSpan SuspectJump)
{
    public DateTimeOffset Wall => Reading.Wall;
}
