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

    /// <summary>Empty: a run without one.</summary>
    public required string Policy { get; init; }

    public required long PolicyRevision { get; init; }

    public required DateTimeOffset? ScheduledAt { get; init; }

    public required RunTrigger Trigger { get; init; }

    public RunFinished Finished(ActionResult result) => new()
    {
        RunId = RunId,
        Attempt = Attempt,
        Policy = Policy,
        PolicyRevision = PolicyRevision,
        ScheduledAt = ScheduledAt is { } at ? Timestamp.FromDateTimeOffset(at) : null,
        Trigger = Trigger,
        Result = result,
    };

    public RunStarted Started(DateTimeOffset startedAt) => new()
    {
        RunId = RunId,
        Attempt = Attempt,
        StartedAt = Timestamp.FromDateTimeOffset(startedAt),
        Policy = Policy,
        PolicyRevision = PolicyRevision,
        ScheduledAt = ScheduledAt is { } at ? Timestamp.FromDateTimeOffset(at) : null,
        Trigger = Trigger,
    };
}
