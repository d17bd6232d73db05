namespace Fleet.EndToEnd.Story;

/// <summary>An event as the foreign subscriber printed it.</summary>
internal sealed record FollowedEvent(long Sequence, string Type, string Host, string Policy, string Run, string Message)
{
    private static readonly string[] Ends =
    [
        "run.succeeded", "run.failed", "run.cancelled", "run.timed_out", "run.expired", "run.refused", "run.interrupted", "run.skipped",
    ];

    /// <summary>Whether it tells the result of a run.</summary>
    public bool EndsRun => Ends.Contains(Type);
}
