using Fleet.Actions;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Runs;

/// <summary>A run as stored. Messages in it are never changed.</summary>
internal sealed record RunRow
{
    public required string RunId { get; init; }

    /// <summary>Empty for an action that somebody asked for without a policy.</summary>
    public required string Policy { get; init; }

    public required long PolicyRevision { get; init; }

    public required string HostId { get; init; }

    public required string HostName { get; init; }

    public required RunState State { get; init; }

    public required RunTrigger Trigger { get; init; }

    public required DateTimeOffset ScheduledAt { get; init; }

    public required DateTimeOffset QueuedAt { get; init; }

    /// <summary>End of the pause before a further attempt.</summary>
    public DateTimeOffset NotBefore { get; init; } = DateTimeOffset.UnixEpoch;

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Number of the newest attempt, from 1; 0 if none was sent. A QUEUED run's newest attempt has finished.</summary>
    public int Attempt { get; init; }

    public required Protocol.V1.Action Action { get; init; }

    /// <summary>Every field is set.</summary>
    public required RetryPolicy Retry { get; init; }

    public required TimeSpan Timeout { get; init; }

    public required TimeSpan ExpireAfter { get; init; }

    /// <summary>Result of the newest finished attempt.</summary>
    public ActionResult? Result { get; init; }

    public string RequestedBy { get; init; } = "";

    /// <summary>The operator's note about it.</summary>
    public string Note { get; init; } = "";

    /// <summary>The reason for which it is to be cancelled. Null if it is not.</summary>
    public string? CancelReason { get; init; }

    /// <summary>Since when it is known to run beyond its time limit. Null if it does not.</summary>
    public DateTimeOffset? OverdueAt { get; init; }

    public string TraceId { get; init; } = "";

    public string SpanId { get; init; } = "";

    /// <summary>Names the run in messages: the policy, or the action of a run without one.</summary>
    public string Title => $"{(Action.IsDryRun ? "dry run of " : "")}{(Policy.Length > 0 ? Policy : $"ad hoc {ActionText.Name(Action)}")}";

    public bool IsFinal => RunStates.IsFinal(State);

    /// <summary>A dry run proves nothing about the policy, even if the policy itself asks for it.</summary>
    public bool CountsForProtection => !Action.IsDryRun;
}
