namespace Fleet.Schedules;

/// <summary>
/// When a policy runs by itself. Pure: the coordinator and the agents compute the same instants from the same policy,
/// which is what lets both name the same run (<see cref="ScheduledRunId"/>).
/// </summary>
public interface ISchedule
{
    /// <summary>The first scheduled instant strictly after <paramref name="instant"/>, in UTC; null when there is none any more.</summary>
    DateTimeOffset? NextAfter(DateTimeOffset instant);
}
