using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Agent.Edge;

/// <summary>Which attempt of which run: what a result of it says again.</summary>
internal record RunHead
{
    public required RunId RunId { get; init; }

    /// <summary>From 1.</summary>
    public required int Attempt { get; init; }

    /// <summary>Empty for a run without one.</summary>
    public required string Policy { get; init; }

    public required long PolicyRevision { get; init; }

    public required DateTimeOffset? ScheduledAt { get; init; }

    public required RunTrigger Trigger { get; init; }

    /// <param name="action">Name of what was carried out. Empty if not known.</param>
    public RunFinished Finished(ActionResult result, string action) => new()
    {
        RunId = RunId,
        Attempt = Attempt,
        Policy = Policy,
        PolicyRevision = PolicyRevision,
        ScheduledAt = ScheduledAt is { } at ? Timestamp.FromDateTimeOffset(at) : null,
        Trigger = Trigger,
        Result = result,
        Action = action,
    };

    /// <param name="action">As <see cref="Finished"/> has it.</param>
    public RunStarted Started(DateTimeOffset startedAt, string action) => new()
    {
        RunId = RunId,
        Attempt = Attempt,
        StartedAt = Timestamp.FromDateTimeOffset(startedAt),
        Policy = Policy,
        PolicyRevision = PolicyRevision,
        ScheduledAt = ScheduledAt is { } at ? Timestamp.FromDateTimeOffset(at) : null,
        Trigger = Trigger,
        Action = action,
    };
}
