namespace Fleet.Schedules.Retention;

/// <summary>Whether a copy stays.</summary>
public enum RetentionVerdict
{
    /// <summary>It stays.</summary>
    Keep,

    /// <summary>It goes, if the plan may be carried out.</summary>
    Destroy,
}
