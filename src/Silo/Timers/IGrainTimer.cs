namespace Orleans.Runtime;

/// <summary>A timer of an activation. Disposing it stops it; a call that is running runs to its end.</summary>
public interface IGrainTimer : IDisposable
{
    /// <summary>Sets when it fires next and then.</summary>
    /// <param name="dueTime">Until the next call; <see cref="Timeout.InfiniteTimeSpan"/> stops it.</param>
    /// <param name="period">From the end of a call to the next; <see cref="Timeout.InfiniteTimeSpan"/> for a single call.</param>
    void Change(TimeSpan dueTime, TimeSpan period);
}
