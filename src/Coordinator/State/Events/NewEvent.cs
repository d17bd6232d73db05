using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Events;

/// <summary>A fact that is about to be recorded. Types are listed in <see cref="EventTypes"/> and docs/events.md.</summary>
internal sealed record NewEvent(string Type, EventSeverity Severity, string Message)
{
    public string HostId { get; init; } = "";

    public string HostName { get; init; } = "";

    public string Policy { get; init; } = "";

    public string RunId { get; init; } = "";

    /// <summary>When it happened by the clock of the host that reported it. Null if it happened here.</summary>
    public DateTimeOffset? OccurredAt { get; init; }

    public IReadOnlyDictionary<string, string> Attributes { get; init; } = System.Collections.Frozen.FrozenDictionary<string, string>.Empty;
}
