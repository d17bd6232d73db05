using System.Diagnostics.CodeAnalysis;

namespace Orleans.Runtime;

/// <summary>How a grain timer behaves.</summary>
public readonly struct GrainTimerCreationOptions
{
    /// <summary>For initializers: both times must be given.</summary>
    public GrainTimerCreationOptions()
    {
    }

    /// <summary>A timer that waits its turn and does not keep the activation alive.</summary>
    [SetsRequiredMembers]
    public GrainTimerCreationOptions(TimeSpan dueTime, TimeSpan period)
    {
        DueTime = dueTime;
        Period = period;
    }

    /// <summary>Until the first call; <see cref="Timeout.InfiniteTimeSpan"/> for a timer that waits for <see cref="IGrainTimer.Change"/>.</summary>
    public required TimeSpan DueTime { get; init; }

    /// <summary>From the end of a call to the next; <see cref="Timeout.InfiniteTimeSpan"/> for a single call.</summary>
    public required TimeSpan Period { get; init; }

    /// <summary>Whether calls may run between the awaits of requests, in place of waiting for their end.</summary>
    public bool Interleave { get; init; }

    /// <summary>Whether a call counts as use, so that the activation is not collected as idle.</summary>
    public bool KeepAlive { get; init; }
}
