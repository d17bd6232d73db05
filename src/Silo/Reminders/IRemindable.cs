using Orleans.Runtime;

namespace Orleans;

/// <summary>A grain that has reminders. A reminder brings its grain to life.</summary>
public interface IRemindable : IGrain
{
    /// <summary>Called when a reminder is due. A failure is logged; the next call comes a period later.</summary>
    Task ReceiveReminder(string reminderName, TickStatus status);
}
