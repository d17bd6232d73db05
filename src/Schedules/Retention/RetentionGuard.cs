namespace Fleet.Schedules.Retention;

/// <summary>
/// What the host itself demands, from its own guard file, on top of whatever the policy says. It can only keep more.
/// </summary>
public sealed record RetentionGuard
{
    /// <summary>A host that demands nothing.</summary>
    public static readonly RetentionGuard None = new();

    /// <summary>The newest N good copies survive anything that a policy asks. Protected and held ones come on top.</summary>
    public int Floor
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
        }
    }

    /// <summary>The age below which nothing is destroyed, by the host's clock.</summary>
    public TimeSpan YoungestAge
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
            field = value;
        }
    }
}
