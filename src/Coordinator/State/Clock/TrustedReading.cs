using Fleet.Schedules.Retention.Clock;

namespace Fleet.Coordinator.State.Clock;

/// <summary>What the store remembers about the clock.</summary>
/// <param name="Reading">The newest trusted reading. Its boot id is empty if it was taken from stored data, not from a clock.</param>
/// <param name="SuspectSince">The wall clock's time when a jump was first seen. Null if the clock is trusted.</param>
/// <param name="SuspectJump">How far ahead the clock is.</param>
internal sealed record TrustedReading(ClockReading Reading, DateTimeOffset? SuspectSince, TimeSpan SuspectJump)
{
    public DateTimeOffset Wall => Reading.Wall;
}
