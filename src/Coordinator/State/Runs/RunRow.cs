using Fleet.Actions;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Runs;

/// <summary>A run as stored. Messages in it are never changed.</summary>
internal sealed record RunRow
{
    public required string RunId { get; init; }

    /// <summary>Empty: none, an action that somebody asked for.</summary>
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

    /// <summary>Newest attempt, from 1; 0: none was sent. A QUEUED run's newest attempt has finished.</summary>
    public int Attempt { get; init; }

    public required Protocol.V1.Action Action { get; init; }

    /// <summary>Every field is set.</summary>
    public required RetryPolicy Retry { get; init; }

    public required TimeSpan Timeout { get; init; }

    public required TimeSpan ExpireAfter { get; init; }

    /// <summary>Of the newest finished attempt.</summary>
    public ActionResult? Result { get; init; }

    public string RequestedBy { get; init; } = "";

    /// <summary>What the operator wrote about it.</summary>
    public string Note { get; init; } = "";

    /// <summary>If not null: a cancellation is wanted, and why.</summary>
    public string? CancelReason { get; init; }

    /// <summary>If not null: since then it is known to go on beyond its time.</summary>
    public DateTimeOffset? OverdueAt { get; init; }

    public string TraceId { get; init; } = "";

    public string SpanId { get; init; } = "";

    /// <summary>What runs, for messages: the policy, or the action of a run without one.</summary>
    public string Title => $"{(Action.IsDryRun ? "dry run of " : "")}{(Policy.Length > 0 ? Policy : $"ad hoc {ActionText.Name(Action)}")}";

    public bool IsFinal => RunStates.IsFinal(State);

    /// <summary>A dry run proves nothing about the policy, also where the policy itself says so.</summary>
    public bool CountsForProtection => !Action.IsDryRun;
}
