using Fleet.Coordinator.State.Events;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Runs;

/// <summary>The meaning of a run's states. Pure.</summary>
internal static class RunStates
{
    public static bool IsFinal(RunState state) =>
        state is not (RunState.Unspecified or RunState.Queued or RunState.Dispatched or RunState.Running);

    /// <summary>The run was sent to the agent and has not ended.</summary>
    public static bool IsActive(RunState state) => state is RunState.Dispatched or RunState.Running;

    /// <summary>Whether the final state means that the policy's work was tried and not done.</summary>
    public static bool IsFailure(RunState state) =>
        state is RunState.Failed or RunState.TimedOut or RunState.Refused or RunState.Interrupted;

    /// <summary>Type and severity of the event that reports a final state.</summary>
    public static (string Type, EventSeverity Severity) EventOf(RunState final) => final switch
    {
        RunState.Succeeded => (EventTypes.RunSucceeded, EventSeverity.Info),
        RunState.Failed => (EventTypes.RunFailed, EventSeverity.Error),
        RunState.Cancelled => (EventTypes.RunCancelled, EventSeverity.Info),
        RunState.TimedOut => (EventTypes.RunTimedOut, EventSeverity.Error),
        RunState.Expired => (EventTypes.RunExpired, EventSeverity.Warning),
        RunState.Refused => (EventTypes.RunRefused, EventSeverity.Error),
        RunState.Interrupted => (EventTypes.RunInterrupted, EventSeverity.Error),
        RunState.Skipped => (EventTypes.RunSkipped, EventSeverity.Warning),
        _ => throw new ArgumentOutOfRangeException(nameof(final), final, "not a final state"),
    };
}
