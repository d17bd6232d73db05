using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Retention;

/// <summary>What the actions that prune have in common, whatever they prune.</summary>
internal sealed record PruneRequest
{
    /// <summary>Why the names in the action cannot be worked with, one line, safe to show. Null if they can be.</summary>
    public required string? Problem { get; init; }

    /// <summary>The dataset or volume is meant.</summary>
    public required Func<string, bool> Covers { get; init; }

    /// <summary>The policy whose snapshots these are: the owner that they name.</summary>
    public required string SnapshotsOf { get; init; }

    public required Protocol.V1.Retention? Retention { get; init; }

    public required bool DryRun { get; init; }

    /// <summary>16 hex digits of a plan that a person has seen; empty if there is none.</summary>
    public required string Confirmation { get; init; }

    /// <summary>Null means now.</summary>
    public required DateTimeOffset? AssumedNow { get; init; }

    public static PruneRequest Of(ZfsPruneAction action, string? problem, Func<string, bool> covers) => new()
    {
        Problem = problem,
        Covers = covers,
        SnapshotsOf = action.SnapshotsOf,
        Retention = action.Retention,
        DryRun = action.DryRun,
        Confirmation = action.Confirmation,
        AssumedNow = WireTime.InstantOf(action.AssumedNow),
    };

    public static PruneRequest Of(LvmPruneAction action, string? problem, Func<string, bool> covers) => new()
    {
        Problem = problem,
        Covers = covers,
        SnapshotsOf = action.SnapshotsOf,
        Retention = action.Retention,
        DryRun = action.DryRun,
        Confirmation = action.Confirmation,
        AssumedNow = WireTime.InstantOf(action.AssumedNow),
    };
}
