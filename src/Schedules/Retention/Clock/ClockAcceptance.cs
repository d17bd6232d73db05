namespace Fleet.Schedules.Retention.Clock;

/// <summary>What became of a person's word that the clock is right: <see cref="ClockGuard.Accept"/>.</summary>
/// <param name="Now">The clocks as they were found.</param>
/// <param name="Trusted">The reading of the last trusted pass; null if there is none.</param>
/// <param name="Jump">
/// By how much the wall clock moved against the boot clock since then; across a restart of the machine, how far it went back. Null: not
/// known.
/// </param>
/// <param name="IsSynchronised">False: it is not accepted.</param>
/// <param name="IsNeeded">False: the clock is trusted without anybody's word.</param>
/// <param name="Facts">What it was, what it is and how far it jumped, for a person: a sentence without its end.</param>
public sealed record ClockAcceptance(
    ClockReading Now, ClockReading? Trusted, TimeSpan? Jump, bool IsSynchronised, bool IsNeeded, string Facts)
{
    /// <summary>It is to be remembered as trusted.</summary>
    public bool IsAccepted => IsSynchronised && IsNeeded;
}
