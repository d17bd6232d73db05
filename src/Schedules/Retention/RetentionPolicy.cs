namespace Fleet.Schedules.Retention;

/// <summary>What one policy wants of the copies that it owns. The defaults destroy nothing.</summary>
public sealed record RetentionPolicy
{
    /// <summary>The policy's name; every reason carries it.</summary>
    public required string Name { get; init; }

    /// <summary>Which copies stay.</summary>
    public KeepRules Keep { get; init; } = new();

    /// <summary>The zone whose hours, days, weeks, months and years are counted. UTC if the policy says nothing.</summary>
    public TimeZoneInfo Zone { get; init; } = TimeZoneInfo.Utc;

    /// <summary>
    /// The newest N good copies stay however old they are and whatever the rules say. Protected and held ones come on top. 0: only the
    /// newest good one, which stays in any case.
    /// </summary>
    public int Floor
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
        }
    }

    /// <summary>How much one plan may destroy before it asks.</summary>
    public RetentionBudget Budget { get; init; } = new();
}
