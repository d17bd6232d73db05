namespace Fleet.Protocol.Edge;

/// <summary>Limits of the numbers in a policy, for the coordinator that stores it and the agent that runs it.</summary>
public static class PolicyLimits
{
    public const int MaxPolicies = 1_000;

    /// <summary>Size of one policy, or of the action of a run.</summary>
    public const int MaxSpecBytes = 256 * 1024;

    /// <summary>The highest number of an attempt on the wire: a run may be started again by hand.</summary>
    public const int MaxAttempt = 10_000;

    /// <summary>Attempts that a policy may ask for.</summary>
    public const int MostAttempts = 10;

    /// <summary>A count of copies to keep: all of them, and the highest.</summary>
    public const int AllCopies = -1;
    public const int MostCopies = 1_000_000;

    public static readonly TimeSpan ShortestInterval = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan LongestInterval = TimeSpan.FromDays(366);
    public static readonly TimeSpan ShortestTimeout = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(30);
    public static readonly TimeSpan LongestFreshness = TimeSpan.FromDays(3_660);
    public static readonly TimeSpan ShortestBackoff = TimeSpan.FromMilliseconds(1);
    public static readonly TimeSpan LongestBackoff = TimeSpan.FromDays(1);
    public static readonly TimeSpan ShortestWithin = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan LongestWithin = TimeSpan.FromDays(36_600);
    public static readonly TimeSpan ShortestRelease = TimeSpan.FromHours(1);
    public static readonly TimeSpan LongestRelease = TimeSpan.FromDays(3_660);
    public static readonly TimeSpan LongestHook = TimeSpan.FromHours(1);
}
