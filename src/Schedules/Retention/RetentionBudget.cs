namespace Fleet.Schedules.Retention;

/// <summary>
/// How much one plan may destroy without asking. A plan above either limit destroys nothing until a person has confirmed it.
/// </summary>
public sealed record RetentionBudget
{
    /// <summary>
    /// Half. A policy in its steady state destroys as many copies as were made since the last pass, and stays under this as long as it
    /// keeps at least as many; a rule that was cut from 7 to 1 by mistake does not, however few the copies are.
    /// </summary>
    public const int DefaultMostPercent = 50;

    /// <summary>
    /// More than any steady state destroys in one pass of one dataset, even with a copy every five minutes and a pass every third day.
    /// </summary>
    public const int DefaultMostCount = 1_000;

    /// <summary>No limit: for policies whose passes are meant to destroy most copies.</summary>
    public static readonly RetentionBudget Unlimited = new() { MostPercent = 100, MostCount = int.MaxValue };

    /// <summary>
    /// The largest share to destroy, in per cent of the copies that are neither protected nor held: 0 (any destruction asks) to 100 (no
    /// limit).
    /// </summary>
    public int MostPercent
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 100);
            field = value;
        }
    } = DefaultMostPercent;

    /// <summary>The largest number of copies to destroy, from 0.</summary>
    public int MostCount
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
        }
    } = DefaultMostCount;
}
