using Fleet.Agent.Edge;
using Fleet.Protocol.Edge;
using Fleet.Schedules.Retention;

namespace Fleet.Agent.Retention;

/// <summary>A policy that has a say in which snapshots go.</summary>
/// <param name="Owner">Whose snapshots it decides about: the name that they carry.</param>
/// <param name="Covers">The dataset or volume is one that it is about.</param>
internal sealed record PruneParty(string Owner, Func<string, bool> Covers, RetentionPolicy Policy)
{
    /// <summary>A policy that destroys nothing: for an owner for whom nobody says what to keep.</summary>
    public static PruneParty Keeper(string owner, Func<string, bool> covers) => new(owner, covers, new RetentionPolicy { Name = owner });

    /// <param name="problem">Why there is none, one line, safe to show.</param>
    public static PruneParty? Read(string policy, PruneRequest request, out string problem)
    {
        problem = request.Problem ?? (WireNames.IsPolicy(request.SnapshotsOf) ? "" : "it does not say which policy's snapshots to prune");
        return problem.Length == 0 && RetentionSettings.Read(policy, request.Retention, out problem) is { } retention
            ? new PruneParty(request.SnapshotsOf, request.Covers, retention)
            : null;
    }

    /// <summary>
    /// The other policies of this host that say what to keep. Their budgets are for their own runs; here they only have a say in
    /// what stays. One that cannot be read keeps everything of its owner.
    /// </summary>
    /// <param name="read">Null for actions of another kind.</param>
    public static IReadOnlyList<PruneParty> Others(string policy, HostAssignment assigned, Func<Protocol.V1.Action, PruneRequest?> read) =>
    [
        .. assigned.Policies
            .Where(s => s.Name != policy)
            .Select(s => (s.Name, Request: read(s.Action)))
            .Where(s => s.Request is not null)
            .Select(s => Read(s.Name, s.Request!, out _) is { } party
                ? party with { Policy = party.Policy with { Budget = Schedules.Retention.RetentionBudget.Unlimited } }
                : Keeper(s.Request!.SnapshotsOf, s.Request.Covers)),
    ];
}
