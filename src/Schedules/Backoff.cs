namespace Fleet.Schedules;

/// <summary>
/// Exponential pauses with full-range jitter in the upper half: the pause before attempt n is between 50 % and 100 % of
/// initial * 2^(n-1), cut at the longest. Jitter keeps a fleet from coming back all at once after an outage.
/// </summary>
public sealed class Backoff(TimeSpan initial, TimeSpan longest, Random random)
{
    /// <summary>The pause after <paramref name="failures"/> failures in a row, counted from 1.</summary>
    public TimeSpan After(int failures)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(failures, 1);
        var full = Math.Min(initial.TotalMilliseconds * Math.Pow(2, Math.Min(failures - 1, 30)), longest.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(full * (0.5 + (random.NextDouble() / 2)));
    }
}
