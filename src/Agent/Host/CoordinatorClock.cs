using System.Globalization;

namespace Fleet.Agent.Host;

/// <summary>
/// How far this host's clock is from the coordinator's, by what the coordinator last said and the time that passed since on the monotonic
/// clock. Thread-safe.
/// </summary>
/// <param name="isSynchronised">Whether this host's clock is; throws IOException where the kernel does not say.</param>
internal sealed class CoordinatorClock(TimeProvider time, Func<bool> isSynchronised)
{
    /// <summary>A smaller difference explains nothing: messages take time, too.</summary>
    public static readonly TimeSpan LargestDifference = TimeSpan.FromMinutes(1);

    private volatile Reading? _last;

    /// <summary>The coordinator says that it is this late there.</summary>
    public void Observe(DateTimeOffset there) => _last = new Reading(there, time.GetTimestamp());

    /// <summary>How far this host is ahead; negative: behind. Null if the coordinator has not said, or it is a minute at most.</summary>
    public TimeSpan? Difference() =>
        _last is { } last
            && time.GetUtcNow() - (last.There + time.GetElapsedTime(last.Timestamp)) is var ahead
            && ahead.Duration() > LargestDifference
            ? ahead
            : null;

    /// <summary>"this host's clock is 26 h ahead of the coordinator's (...)", with which one to look at; null if they agree.</summary>
    public string? Explain()
    {
        if (Difference() is not { } ahead)
        {
            return null;
        }

        var here = time.GetUtcNow();
        return $"this host's clock is {Span(ahead.Duration())} {(ahead > TimeSpan.Zero ? "ahead of" : "behind")} the coordinator's "
            + $"({Instant(here)} here, {Instant(here - ahead)} there): {WhichOne()}";
    }

    private string WhichOne()
    {
        try
        {
            return isSynchronised()
                ? "this one is synchronised, so look at the coordinator's first (timedatectl)"
                : "this one is not synchronised, so look here first (timedatectl)";
        }
        catch (IOException)
        {
            return "check which one is right (timedatectl)";
        }
    }

    private static string Span(TimeSpan span) =>
        span >= TimeSpan.FromDays(3) ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalDays:0} d")
        : span >= TimeSpan.FromHours(3) ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalHours:0} h")
        : string.Create(CultureInfo.InvariantCulture, $"{span.TotalMinutes:0} min");

    private static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture);

    private sealed record Reading(DateTimeOffset There, long Timestamp);
}
