using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Hosts;

/// <summary>A host as stored.</summary>
internal sealed record HostRow
{
    public required string HostId { get; init; }

    public required string Name { get; init; }

    /// <summary>The effective labels: those of the enrolment, overridden by the agent's own.</summary>
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>Only the labels of the enrolment.</summary>
    public required IReadOnlyDictionary<string, string> EnrolLabels { get; init; }

    public required DateTimeOffset EnrolledAt { get; init; }

    /// <summary>Null if not removed.</summary>
    public DateTimeOffset? RemovedAt { get; init; }

    public DateTimeOffset? CertificateExpiresAt { get; init; }

    public HostFacts? Facts { get; init; }

    /// <summary>The newest hello. Null if it never had a session.</summary>
    public Hello? Hello { get; init; }

    public string Address { get; init; } = "";

    public string BootId { get; init; } = "";

    /// <summary>The newest session, open or not. Empty if it never had one.</summary>
    public string SessionId { get; init; } = "";

    /// <summary>The newest session that the agent is known to have learned of.</summary>
    public string ConfirmedSessionId { get; init; } = "";

    public bool Connected { get; init; }

    /// <summary>Whether host.offline was recorded for the current absence.</summary>
    public bool OfflineAnnounced { get; init; }

    public DateTimeOffset? ConnectedAt { get; init; }

    public DateTimeOffset? DisconnectedAt { get; init; }

    public DateTimeOffset? LastSeenAt { get; init; }

    public TimeSpan ClockOffset { get; init; }

    public string StateError { get; init; } = "";

    public DateTimeOffset? DuplicateAt { get; init; }

    public string DuplicateDetail { get; init; } = "";

    public string OutboxId { get; init; } = "";

    public long OutboxSequence { get; init; }

    /// <summary>When something that the agent had recorded was found missing. Null if never.</summary>
    public DateTimeOffset? OutboxGapAt { get; init; }

    public string OutboxGapDetail { get; init; } = "";

    /// <summary>What was left of its long-term budgets at <see cref="BudgetAt"/>. If that is null, they are full.</summary>
    public long DurableLeft { get; init; }

    /// <inheritdoc cref="DurableLeft"/>
    public long SpareRunsLeft { get; init; }

    public DateTimeOffset? BudgetAt { get; init; }

    public long AssignmentRevision { get; init; }

    public HostState State => Connected ? HostState.Online : SessionId.Length == 0 ? HostState.NeverSeen : HostState.Offline;
}
