using Fleet.Protocol.V1;
using Fleet.Schedules;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.State.Policies;

/// <summary>The meaning of unset fields of a spec: the defaults of policy.proto, in one place. Pure.</summary>
internal static class PolicyRules
{
    /// <summary>A target with this label matches every host: every host has it implicitly.</summary>
    public const string AllHostsLabel = "fleet.io/all";

    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromHours(6);
    private static readonly TimeSpan LeastDefaultFreshness = TimeSpan.FromHours(1);
    private static readonly TimeSpan DefaultExpiryOnDemand = TimeSpan.FromHours(24);
    private static readonly Duration DefaultInitialBackoff = Duration.FromTimeSpan(TimeSpan.FromSeconds(30));
    private static readonly Duration DefaultMaxBackoff = Duration.FromTimeSpan(TimeSpan.FromMinutes(10));

    /// <summary>The schedule's interval; null for a policy that runs only on demand.</summary>
    public static TimeSpan? Interval(PolicySpec spec) => spec.Schedule?.Every?.ToTimeSpan();

    /// <summary>When it runs by itself on a host; null if never (only on demand, or paused).</summary>
    public static ISchedule? ScheduleFor(PolicySpec spec, string hostId)
    {
        if (spec.Paused || Interval(spec) is not { } every)
        {
            return null;
        }

        var bound = spec.Schedule.Spread?.ToTimeSpan()
            ?? (every < ScheduleSpread.DefaultBound ? every : ScheduleSpread.DefaultBound);
        return new IntervalSchedule(every, ScheduleSpread.Offset(spec.Name, hostId, bound));
    }

    public static TimeSpan Timeout(PolicySpec spec) => spec.Timeout?.ToTimeSpan() ?? DefaultTimeout;

    /// <summary>How old the newest success may be; null for no limit.</summary>
    public static TimeSpan? Freshness(PolicySpec spec)
    {
        if (spec.Freshness is { } given)
        {
            return given.ToTimeSpan();
        }

        return Interval(spec) is { } every
            ? every * 3 > LeastDefaultFreshness ? every * 3 : LeastDefaultFreshness
            : null;
    }

    public static TimeSpan ExpireAfter(PolicySpec spec) =>
        spec.ExpireAfter?.ToTimeSpan() ?? Interval(spec) ?? DefaultExpiryOnDemand;

    /// <summary>The retry policy with every field set.</summary>
    public static RetryPolicy Retry(PolicySpec spec) => new()
    {
        MaxAttempts = spec.Retry is { MaxAttempts: > 0 } ? spec.Retry.MaxAttempts : 3,
        InitialBackoff = spec.Retry?.InitialBackoff ?? DefaultInitialBackoff,
        MaxBackoff = spec.Retry?.MaxBackoff ?? DefaultMaxBackoff,
    };

    /// <summary>Whether a policy applies to a host.</summary>
    public static bool Applies(PolicyTarget? target, string hostName, IReadOnlyDictionary<string, string> labels)
    {
        if (target is null)
        {
            return false;
        }

        if (target.Hosts.Contains(hostName))
        {
            return true;
        }

        return target.MatchLabels.Count > 0 && target.MatchLabels.All(wanted => HasLabel(labels, wanted.Key, wanted.Value));
    }

    /// <summary>Whether a host has a label; every host has <see cref="AllHostsLabel"/> = "true".</summary>
    public static bool HasLabel(IReadOnlyDictionary<string, string> labels, string key, string value) =>
        (key == AllHostsLabel && value == "true") || (labels.TryGetValue(key, out var has) && has == value);

    /// <summary>
    /// The newest scheduled instant in (<paramref name="after"/>, <paramref name="now"/>]; null if there is none. Looks back in
    /// windows that double in size, so that the number of steps does not grow with the time that was missed.
    /// </summary>
    public static DateTimeOffset? NewestDue(ISchedule schedule, DateTimeOffset after, DateTimeOffset now)
    {
        for (var window = TimeSpan.FromSeconds(1); ; window *= 2)
        {
            var from = now - after <= window ? after : now - window;
            DateTimeOffset? newest = null;
            for (var next = schedule.NextAfter(from); next is { } instant && instant <= now; next = schedule.NextAfter(instant))
            {
                newest = instant;
            }

            if (newest is not null || from == after)
            {
                return newest;
            }
        }
    }
}
