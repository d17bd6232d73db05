using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Edge;

/// <summary>The coordinator's Welcome, after the checks.</summary>
internal sealed record SessionGreeting
{
    private static readonly TimeSpan DefaultHeartbeat = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestMetricsInterval = TimeSpan.FromHours(1);

    private SessionGreeting()
    {
    }

    public required string SessionId { get; init; }

    public required int ProtocolRevision { get; init; }

    public required string CoordinatorVersion { get; init; }

    /// <summary>Empty if it knows none.</summary>
    public required string OutboxId { get; init; }

    public required long AcknowledgedSequence { get; init; }

    public required TimeSpan Heartbeat { get; init; }

    /// <summary>Null for the agent's own.</summary>
    public required TimeSpan? MetricsInterval { get; init; }

    public required DateTimeOffset? SentAt { get; init; }

    /// <summary>What was left out, safe to show. Empty if there is nothing.</summary>
    public required string Problem { get; init; }

    /// <summary>Null if no session can be had with it, for that reason.</summary>
    public static SessionGreeting? Read(Welcome welcome, out string problem)
    {
        var needed = new WireFields("welcome");
        var sessionId = needed.Token("session_id", welcome.SessionId, required: true);
        problem = needed.Problem;
        if (!needed.Good)
        {
            return null;
        }

        var fields = new WireFields("welcome");
        return new SessionGreeting
        {
            SessionId = sessionId,
            ProtocolRevision = welcome.ProtocolRevision,
            CoordinatorVersion = welcome.CoordinatorVersion,
            OutboxId = fields.Token("acknowledged_outbox_id", welcome.AcknowledgedOutboxId),
            AcknowledgedSequence = fields.Number("acknowledged_sequence", welcome.AcknowledgedSequence, 0, long.MaxValue),
            Heartbeat = fields.Span("heartbeat_interval", welcome.HeartbeatInterval, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(6))
                ?? DefaultHeartbeat,
            MetricsInterval = fields.Span("metrics_interval", welcome.MetricsInterval, TimeSpan.FromSeconds(1), LongestMetricsInterval),
            SentAt = fields.Instant("sent_at", welcome.SentAt),
            Problem = fields.Problem,
        };
    }
}
