namespace Fleet.Agent.History;

/// <summary>How much of the past is kept: history in agent.yaml.</summary>
/// <param name="MaxBytes">Of all files together; 16 MiB to 64 GiB.</param>
/// <param name="MaxAge">Of a file, counted from the end of its month; 1 day to 10 years.</param>
internal sealed record HistoryLimits(long MaxBytes, TimeSpan MaxAge)
{
    /// <summary>What a journal can hold fits into this with room to spare: what is dropped for its size is never written anew.</summary>
    public const long LeastBytes = 16L << 20;

    private const int Shares = 8;

    public static HistoryLimits Default { get; } = new(64L << 20, TimeSpan.FromDays(400));

    /// <summary>A larger file is closed, and the next one begun: files do not shrink, so that only whole ones can go.</summary>
    public long FileBytes => MaxBytes / Shares;
}
