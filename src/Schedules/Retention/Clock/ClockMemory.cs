namespace Fleet.Schedules.Retention.Clock;

/// <summary>What the clock guard remembers from pass to pass. The caller keeps it on disk.</summary>
/// <param name="Trusted">The reading of the last pass that was not refused because of the clock; null before the first.</param>
/// <param name="Suspect">The first reading after a jump that has not been accepted yet; null if there is none.</param>
public sealed record ClockMemory(ClockReading? Trusted = null, ClockReading? Suspect = null)
{
    /// <summary>A host that has never pruned.</summary>
    public static readonly ClockMemory Empty = new();
}
