namespace Orleans;

/// <summary>How long an activation of this class may be idle, in place of <c>GrainCollectionOptions.CollectionAge</c>.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class CollectionAgeLimitAttribute : Attribute
{
    /// <summary>Days, added to hours and minutes.</summary>
    public double Days { get; init; }

    /// <summary>Hours, added to days and minutes.</summary>
    public double Hours { get; init; }

    /// <summary>Minutes, added to days and hours.</summary>
    public double Minutes { get; init; }

    /// <summary>Whether activations are never collected.</summary>
    public bool AlwaysActive { get; init; }

    internal TimeSpan Amount => AlwaysActive
        ? Timeout.InfiniteTimeSpan
        : TimeSpan.FromDays(Days) + TimeSpan.FromHours(Hours) + TimeSpan.FromMinutes(Minutes);
}
