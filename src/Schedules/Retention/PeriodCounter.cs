namespace Fleet.Schedules.Retention;

/// <summary>One count of <see cref="KeepRules"/> on its way from the newest copy to the oldest.</summary>
internal struct PeriodCounter(RetentionRule rule, int count)
{
    private long _last = long.MaxValue;
    private int _kept;

    /// <summary>
    /// Whether the rule keeps the next older copy: the newest of its period, while the count lasts. A period counts as new only if it lies
    /// before the last one: where a clock change repeats the end of a day, that day must not come twice.
    /// </summary>
    public bool Keeps(string policy, DateTimeOffset local, out RetentionReason reason)
    {
        reason = default;
        if (_kept == count)
        {
            return false;
        }

        // Each copy is a period of its own for `last`.
        var key = rule == RetentionRule.Last ? -_kept : Periods.Key(rule, local);
        if (key >= _last)
        {
            return false;
        }

        _last = key;
        reason = new RetentionReason(policy, rule, ++_kept, count, local);
        return true;
    }
}
