namespace Fleet.Agent.Configuration;

/// <summary>How much of the past is kept: history in agent.yaml.</summary>
/// <param name="MaxBytes">Of all files together; 16 MiB to 64 GiB.</param>
/// <param name="MaxAge">Of a file, counted from the end of its month; 1 day to 10 years.</param>
internal sealed record HistoryLimits(long MaxBytes, TimeSpan MaxAge)
{
    /// <summary>What a journal can hold fits into this with room to spare: what is dropped for its size is never written again.</summary>
    public const long LeastBytes = 16L << 20;

    private const int Shares = 8;
    private static readonly TimeSpan Longest = TimeSpan.FromDays(36_500);

    public static HistoryLimits Default { get; } = new(64L << 20, TimeSpan.FromDays(400));

    /// <summary>While the clock may be wrong nothing is too old: one that is years ahead would make everything so.</summary>
    public HistoryLimits By(bool isClockSynchronised) => isClockSynchronised ? this : this with { MaxAge = Longest };

    /// <summary>A larger file is closed, and the next one begun: files do not shrink, so that only whole ones can go.</summary>
    public long FileBytes => MaxBytes / Shares;
}
