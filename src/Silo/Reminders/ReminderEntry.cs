using Orleans.Runtime;

namespace Orleans;

/// <summary>A row of the reminder table. Its key is grain and name.</summary>
[GenerateSerializer]
public sealed class ReminderEntry
{
    /// <summary>Whose reminder.</summary>
    [Id(0)]
    public GrainId GrainId { get; set; }

    /// <summary>Its name.</summary>
    [Id(1)]
    public string ReminderName { get; set; } = null!;

    /// <summary>When it is first due, in UTC.</summary>
    [Id(2)]
    public DateTime StartAt { get; set; }

    /// <summary>The time between two ticks.</summary>
    [Id(3)]
    public TimeSpan Period { get; set; }

    /// <summary>The row's version.</summary>
    [Id(4)]
    public string ETag { get; set; } = null!;

    /// <inheritdoc/>
    public override string ToString() => $"<GrainId={GrainId} ReminderName={ReminderName} Period={Period}>";

    internal IGrainReminder ToIGrainReminder() => new ReminderData(GrainId, ReminderName, ETag);
}
