using Fleet.Agent.Retention;
using Fleet.Protocol.V1;
using Fleet.Schedules.Retention;

namespace Fleet.Agent.Actions.Zfs;

/// <summary>A policy that has a say in which snapshots go.</summary>
/// <param name="Owner">Whose snapshots it decides about: the name that they carry as fleet:policy.</param>
internal sealed record ZfsPruneParty(string Owner, ZfsSelection Selection, RetentionPolicy Policy)
{
    /// <summary>A policy that destroys nothing: for an owner for whom nobody says what to keep.</summary>
    public static ZfsPruneParty Keeper(string owner, ZfsSelection selection) => new(owner, selection, new RetentionPolicy { Name = owner });

    /// <param name="problem">Why there is none, one line, safe to show.</param>
    public static ZfsPruneParty? Read(string policy, ZfsPruneAction action, out string problem)
    {
        var selection = new ZfsSelection(action.Datasets, action.Recursive, action.Excludes);
        problem = selection.Problem ?? (ZfsOwners.Of(action.SnapshotsOf).Count == 1 ? "" : "it does not say whose snapshots it is about");
        return problem.Length == 0 && RetentionSettings.Read(policy, action.Retention, out problem) is { } retention
            ? new ZfsPruneParty(action.SnapshotsOf, selection, retention)
            : null;
    }

    /// <summary>
    /// The other policies of this host that say what to keep. Their budgets are for their own runs; here they only have a say in
    /// what stays. One that cannot be read keeps everything of its owner.
    /// </summary>
    public static IReadOnlyList<ZfsPruneParty> Others(string policy, Assignment assigned) =>
    [
        .. assigned.Policies
            .Select(p => p.Spec)
            .Where(s => s?.Action?.ZfsPrune is not null && s.Name != policy)
            .Select(s => Read(s.Name, s.Action.ZfsPrune, out _) is { } party
                ? party with { Policy = party.Policy with { Budget = Schedules.Retention.RetentionBudget.Unlimited } }
                : Keeper(s.Action.ZfsPrune.SnapshotsOf, new ZfsSelection(s.Action.ZfsPrune.Datasets, s.Action.ZfsPrune.Recursive, s.Action.ZfsPrune.Excludes))),
    ];
}
