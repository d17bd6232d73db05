namespace Fleet.Schedules.Retention.Clock;

/// <summary>How far the clock may be off before nothing is pruned.</summary>
public sealed record ClockLimits
{
    /// <summary>How far the newest copy may lie in the future: what synchronised hosts differ by, and more. 5 minutes.</summary>
    public TimeSpan Behind { get; init => field = NotNegative(value); } = TimeSpan.FromMinutes(5);

    /// <summary>By how much the wall clock may have moved against the boot clock since the last pass. 10 minutes.</summary>
    public TimeSpan MostJump { get; init => field = NotNegative(value); } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// For how long the clock must run steadily after a jump until it is trusted again without anybody's help. 24 hours: a virtual machine
    /// that was paused jumps when it goes on, and must not stop pruning forever.
    /// </summary>
    public TimeSpan Settle { get; init => field = NotNegative(value); } = TimeSpan.FromHours(24);

    private static TimeSpan NotNegative(TimeSpan value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
        return value;
    }
}
