namespace Fleet.Schedules.Retention;

/// <summary>
/// Which copies stay. The rules are ORed: a copy goes only when none of them keeps it. With no rule at all nothing is ever destroyed.
/// <para>
/// Counting goes from the newest copy to the oldest. <see cref="Last"/> keeps the newest N. Each of the others divides time into periods of
/// the policy's zone and keeps <b>the newest copy of each of the newest N periods that have one</b>; a period without a copy costs nothing,
/// so a host that was away for a month loses nothing by it. A day begins at the zone's midnight, a week on Monday (ISO 8601), and the hour
/// that comes twice in autumn is two hours. The counts are restic's, its <c>snapshot_policy.go</c>, without the exception that this makes
/// for the oldest copy.
/// </para>
/// <para>
/// The newest of a period, and not the oldest, for three reasons. It holds the work of the whole period. The last copy of a month is also
/// the last of its day and its hour, so that one copy serves several rules. And while a period still runs, its newest copy is the newest of
/// all, which always stays: thinning after every copy ends with the same set as thinning once. The price: within a running period a newer
/// copy takes the place of an older one, so let <see cref="Last"/>, <see cref="Hourly"/> or <see cref="Within"/> reach as far back as
/// damage may go unnoticed.
/// </para>
/// <para>
/// Outside every count: copies that are protected or held, incomplete ones, and ones dated in the future.
/// </para>
/// </summary>
public sealed record KeepRules
{
    /// <summary>As a count: every period that has a copy. Policies write <c>all</c>.</summary>
    public const int All = -1;

    /// <summary>The newest N copies. 0: no such rule.</summary>
    public int Last { get; init => field = Count(value); }

    /// <summary>The newest copy of each of the newest N hours that have one. 0: no such rule.</summary>
    public int Hourly { get; init => field = Count(value); }

    /// <summary>The newest copy of each of the newest N days that have one. 0: no such rule.</summary>
    public int Daily { get; init => field = Count(value); }

    /// <summary>The newest copy of each of the newest N ISO weeks that have one. 0: no such rule.</summary>
    public int Weekly { get; init => field = Count(value); }

    /// <summary>The newest copy of each of the newest N months that have one. 0: no such rule.</summary>
    public int Monthly { get; init => field = Count(value); }

    /// <summary>The newest copy of each of the newest N years that have one. 0: no such rule.</summary>
    public int Yearly { get; init => field = Count(value); }

    /// <summary>
    /// Every copy that is at most this much older than the newest counted one. Measured from that copy and not from the clock, so that
    /// nothing ages on a host that makes no copies. Null: no such rule.
    /// </summary>
    public TimeSpan? Within
    {
        get;
        init
        {
            if (value is { } span)
            {
                ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(span, TimeSpan.Zero);
            }

            field = value;
        }
    }

    /// <summary>No rule at all: nothing is ever destroyed.</summary>
    public bool IsEmpty => Last == 0 && Hourly == 0 && Daily == 0 && Weekly == 0 && Monthly == 0 && Yearly == 0 && Within is null;

    private static int Count(int value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, All);
        return value;
    }
}
