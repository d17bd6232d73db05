using Orleans.Runtime;

namespace Orleans;

/// <summary>Where reminders are stored. An application registers its own as a singleton, beside <c>AddReminders()</c>.</summary>
public interface IReminderTable
{
    /// <summary>Prepares the table. Called once, before anything else.</summary>
    Task StartAsync(CancellationToken cancellationToken = default)
    {
#pragma warning disable CS0618 // The way for tables that implement the older method alone.
        return Init();
#pragma warning restore CS0618
    }

    /// <summary>The older form of <see cref="StartAsync"/>.</summary>
    [Obsolete("Implement and use StartAsync instead")]
    Task Init() => Task.CompletedTask;

    /// <summary>The reminders of one grain.</summary>
    Task<ReminderTableData> ReadRows(GrainId grainId);

    /// <summary>
    /// The reminders whose grains' <see cref="GrainId.GetUniformHashCode"/> is above <paramref name="begin"/> and up to
    /// <paramref name="end"/>; around zero if <paramref name="begin"/> is not below <paramref name="end"/>, so all if they are equal.
    /// </summary>
    Task<ReminderTableData> ReadRows(uint begin, uint end);

    /// <summary>One reminder; null if there is none of that name.</summary>
    Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName);

    /// <summary>Adds or replaces a row, whatever its version.</summary>
    /// <returns>The row's new version.</returns>
    Task<string?> UpsertRow(ReminderEntry entry);

    /// <summary>Removes a row if it has that version.</summary>
    /// <returns>Whether it did.</returns>
    Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag);

    /// <summary>Removes everything.</summary>
    Task TestOnlyClearTable();

    /// <summary>Called once, when the silo stops.</summary>
    Task StopAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;
}
