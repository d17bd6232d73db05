using System.Globalization;
using Fleet.Yaml;

namespace Fleet.Schedules.Retention.Clock;

/// <summary>
/// Whether the clock is good enough to destroy by. Called once per pass, before any plan. Whether the clock is behind the newest copy is
/// found by each plan, which knows the copies.
/// </summary>
public static class ClockGuard
{
    /// <summary>
    /// Refuses while the clock is not synchronised, and after a jump: when the wall clock has moved by more than
    /// <see cref="ClockLimits.MostJump"/> against the boot clock since the last trusted pass, until it has then run steadily for
    /// <see cref="ClockLimits.Settle"/>. Across a restart of the machine the boot clock says nothing, and only a step back is seen.
    /// </summary>
    /// <returns>The finding, and what to remember for the next pass.</returns>
    public static (ClockCheck Check, ClockMemory Memory) Check(
        ClockReading reading, bool isSynchronised, ClockMemory memory, ClockLimits limits)
    {
        if (!isSynchronised)
        {
            // Nothing is learned from a clock that is not synchronised: the next reading is compared with the last good one.
            return (Refuse(reading, limits, "not synchronised"), memory);
        }

        if (memory.Trusted is not { } trusted || IsInLine(trusted, reading, memory.Suspect, limits))
        {
            return (Trust(reading, limits), new ClockMemory(reading));
        }

        var suspect =
            memory.Suspect is { } earlier && earlier.BootId == reading.BootId && !Jumped(earlier, reading, limits) ? earlier : reading;
        var steady = reading.SinceBoot - suspect.SinceBoot;
        if (steady >= limits.Settle)
        {
            return (Trust(reading, limits), new ClockMemory(reading));
        }

        // After a restart of the machine the size of a jump before it is not known any more.
        var jump = Jump(trusted, reading);
        var why = string.Create(
            CultureInfo.InvariantCulture,
            $"jumped{(jump == TimeSpan.Zero ? "" : $" by {Signed(jump)}")} since {Text(trusted.Wall)}; steady for {Text(steady)} of "
            + $"{Text(limits.Settle)}");
        return (Refuse(reading, limits, why), memory with { Suspect = suspect });
    }

    /// <summary>
    /// A person looked at the clock and says that it is right. Of one that is not synchronised nobody can know that; and what is trusted
    /// anyway needs no word, so that doing it twice changes nothing.
    /// </summary>
    /// <returns>What came of it, and what to remember for the next pass.</returns>
    public static (ClockAcceptance Acceptance, ClockMemory Memory) Accept(
        ClockReading reading, bool isSynchronised, ClockMemory memory, ClockLimits limits)
    {
        // Whether it jumped can be told of one that is not synchronised, too.
        var isNeeded = Check(reading, isSynchronised: true, memory, limits).Check.Refusal is not null;
        TimeSpan? jump =
            memory.Trusted is { } trusted && (trusted.BootId == reading.BootId || Jump(trusted, reading) != TimeSpan.Zero)
                ? Jump(trusted, reading)
                : null;
        var facts = memory.Trusted is null
            ? $"it is {Text(reading.Wall)}, and no pass has trusted one before"
            : $"it was {Text(memory.Trusted.Wall)} at the last trusted pass, is {Text(reading.Wall)} now, and "
                + (
                    jump is { } known
                        ? $"jumped by {Signed(known)} in between"
                        : "how far it jumped is not known, because the machine was restarted in between");
        var acceptance = new ClockAcceptance(reading, memory.Trusted, jump, isSynchronised, isNeeded, facts);
        return (acceptance, acceptance.IsAccepted ? new ClockMemory(reading) : memory);
    }

    /// <summary>
    /// A jump that was seen is not forgotten by a restart: after that only a steady clock, or the boot clock's own word, helps.
    /// </summary>
    private static bool IsInLine(ClockReading trusted, ClockReading reading, ClockReading? suspect, ClockLimits limits) =>
        !Jumped(trusted, reading, limits) && (suspect is null || trusted.BootId == reading.BootId);

    private static bool Jumped(ClockReading from, ClockReading to, ClockLimits limits) => Jump(from, to).Duration() > limits.MostJump;

    /// <summary>How far the wall clock moved against the boot clock; across a restart, how far it went back.</summary>
    private static TimeSpan Jump(ClockReading from, ClockReading to)
    {
        var wall = to.Wall - from.Wall;
        return from.BootId == to.BootId ? wall - (to.SinceBoot - from.SinceBoot) : wall < TimeSpan.Zero ? wall : TimeSpan.Zero;
    }

    private static ClockCheck Trust(ClockReading reading, ClockLimits limits) => new(reading.Wall, null, limits.Behind, isAssumed: false);

    private static ClockCheck Refuse(ClockReading reading, ClockLimits limits, string why) =>
        new(reading.Wall, why, limits.Behind, isAssumed: false);

    private static string Signed(TimeSpan value) => (value > TimeSpan.Zero ? "+" : "") + Text(value);

    private static string Text(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Text(TimeSpan value) => DurationText.Format(TimeSpan.FromSeconds(Math.Truncate(value.TotalSeconds)));
}
