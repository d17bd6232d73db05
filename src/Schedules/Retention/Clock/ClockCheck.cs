namespace Fleet.Schedules.Retention.Clock;

/// <summary>
/// What the clock guard found at the beginning of a pass. Every plan needs one, so that there is no way around the guard.
/// </summary>
public sealed class ClockCheck
{
    internal ClockCheck(DateTimeOffset now, string? refusal, TimeSpan behind, bool isAssumed)
    {
        Now = now.ToUniversalTime();
        Refusal = refusal;
        Behind = behind;
        IsAssumed = isAssumed;
    }

    /// <summary>What time it is, in UTC.</summary>
    public DateTimeOffset Now { get; }

    /// <summary>Why nothing may be pruned in this pass, one line; null if the clock is good.</summary>
    public string? Refusal { get; }

    /// <summary>Somebody named the time: plans are only for show.</summary>
    public bool IsAssumed { get; }

    internal TimeSpan Behind { get; }

    /// <summary>A time that somebody named, to explain what a pass at that time would do. Its plans can't be carried out.</summary>
    public static ClockCheck Assume(DateTimeOffset now) => new(now, null, new ClockLimits().Behind, isAssumed: true);
}
