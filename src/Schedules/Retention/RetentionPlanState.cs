namespace Fleet.Schedules.Retention;

/// <summary>Whether a plan may be carried out.</summary>
public enum RetentionPlanState
{
    /// <summary>It may.</summary>
    Ready,

    /// <summary>It would destroy more than its budget: not before a person has confirmed it.</summary>
    Asks,

    /// <summary>The clock can't be trusted: nothing is destroyed.</summary>
    Refused,
}
