using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions.Rsync.Versions;

/// <summary>What a run would write into a new tree, and which trees would go.</summary>
internal sealed class VersionedDryRun(ActionContext context, AttemptTime time)
{
    private const int MaxDetails = 100; // as ActionResult.details

    /// <param name="store">Null if there is no such folder yet.</param>
    /// <param name="state">As it is.</param>
    /// <param name="after">As it would be with the new tree.</param>
    public async Task<ActionResult> RunAsync(
        VersionStore? store, VersionPlan plan, VersionState state, VersionState after, CancellationToken cancellationToken)
    {
        var (result, output) = await RsyncTransfer.TransferAsync(
            context, Arguments(store, plan), dryRun: true, time.Limit(context.Timeout), cancellationToken);
        var question = state.Question(store?.Owner());
        List<string> plans =
        [
            $"would make {plan.Name}{(plan.Bases.Count > 0 ? $", linked to {plan.Bases[0].Folder}" : "")}",
            .. plan.RemoveBefore.Concat(plan.RemoveAfter).Concat(after.Thinning?.Doomed ?? []).Select(r => $"would remove {r.Folder}"),
            .. question.Asks ? [$"would ask first: {question.Why}"] : Array.Empty<string>(),
            .. after.Stopped is { } stopped ? [stopped] : Array.Empty<string>(),
        ];

        // The plan comes before the list of files, which may be long.
        string[] changes = [.. plans, .. result.Details];
        result.DetailsTotal += plans.Count;
        result.Details.Clear();
        result.Details.AddRange(changes.Take(MaxDetails));
        result.RsyncPlan = (question.Asks ? state : after).Plan(question);
        result.RsyncPlan.WouldWrite = output.WouldWrite;
        return result;
    }

    /// <summary>
    /// Against the base itself, which a dry run leaves as it is: the new tree is not there, and rsync opens its folders when it compares
    /// extended attributes. Without a base there is nothing to compare them with.
    /// </summary>
    private IReadOnlyList<Tools.ToolArgument> Arguments(VersionStore? store, VersionPlan plan)
    {
        var action = LocalSides.Named(context.Action.Rsync, context.Guard);
        var hasBase = store is not null && plan.Bases.Count > 0;
        action.AclsAndXattrs &= hasBase;
        return RsyncCommands.Transfer(
            action, maxDelete: 0, LocalSides.Below(context.Guard, hasBase ? plan.Bases[0].Folder : plan.Name),
            confined: context.Guard.Confine);
    }
}
