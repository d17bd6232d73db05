using System.Collections.Concurrent;
using Fleet.Agent.Edge;
using Fleet.Agent.Retention;
using Fleet.Agent.Zfs;
using Fleet.Agent.Zfs.Listing;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions.Zfs;

/// <summary>
/// The action "zfs.prune": destroys snapshots that Fleet made for one policy and that no rule keeps any longer. What may never go,
/// whatever is asked: docs/retention.md and the guard file. A second attempt makes a new plan.
/// </summary>
/// <param name="assigned">The policies of this host: others may own the same snapshots.</param>
/// <param name="known">Of the agent.</param>
internal sealed class ZfsPruneRun(RetentionClock clock, Func<HostAssignment> assigned, ZfsSnapshotCache known) : IAction
{
    private readonly ConcurrentDictionary<string, byte> _hung = new();

    public Protocol.V1.Action.KindOneofCase Kind => Protocol.V1.Action.KindOneofCase.ZfsPrune;

    public async Task<ActionResult> RunAsync(ActionContext context, CancellationToken cancellationToken)
    {
        var action = context.Action.ZfsPrune;
        var selection = Selection(action);
        var request = Request(action);
        if (PruneParty.Read(context.Policy, request, out var problem) is not { } own || clock.Check(request, out problem) is not { } check)
        {
            return ToolOutcome.Failed(problem);
        }

        var attempt = new ZfsAttempt(context, _hung);
        context.Log.Progress(new RunProgress { Phase = "looking at the datasets" });
        var (found, stop) = await attempt.FindAsync(selection, cancellationToken);
        ZfsTarget[] targets = [.. found.Where(t => own.Covers(t.Name))];
        stop ??= attempt.Refused("prune", targets);
        if (stop is not null)
        {
            return stop;
        }

        if (targets.Length == 0)
        {
            return ToolOutcome.Failed("every dataset is excluded: there is nothing to destroy");
        }

        var report = new PruneReport(context, request, "dataset(s)");
        var destroyed = new ZfsPruneReport(report);
        var others = PruneParty.Others(context.Policy, assigned(), a => a.ZfsPrune is { } prune ? Request(prune) : null);
        var planner = new ZfsPrunePlanner(attempt, own, others, check, known, report);
        List<ZfsPrunePlan> plans = [];
        foreach (var pool in targets.GroupBy(t => t.Pool))
        {
            plans.AddRange(await planner.PlanAsync(pool.Key, [.. pool.Select(t => t.Name)], cancellationToken));
        }

        report.AddPlans([.. plans.Select(p => p.Plan)]);
        if (!action.DryRun)
        {
            await DestroyAsync(attempt, own, [.. plans.Where(p => report.MayDestroy(p.Plan))], destroyed, cancellationToken);
        }

        return destroyed.Result(cancellationToken.IsCancellationRequested);
    }

    private static ZfsSelection Selection(ZfsPruneAction action) => new(action.Datasets, action.Recursive, action.Excludes);

    private static PruneRequest Request(ZfsPruneAction action)
    {
        var selection = Selection(action);
        return PruneRequest.Of(action, selection.Problem, selection.Covers);
    }

    private static async Task DestroyAsync(
        ZfsAttempt attempt, PruneParty own, IReadOnlyList<ZfsPrunePlan> plans, ZfsPruneReport report, CancellationToken cancellationToken)
    {
        foreach (var plan in plans)
        {
            attempt.Context.Log.Progress(new RunProgress { Phase = $"{plan.Dataset}: destroying {plan.Doomed.Count} snapshot(s)" });
            var destroyer = new ZfsDestroyer(attempt, own.Owner);
            ZfsError? error = null;
            try
            {
                error = await destroyer.DestroyAsync(plan, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // What was destroyed before is in the report.
            }

            report.Add(destroyer, error);
            if (cancellationToken.IsCancellationRequested)
            {
                return;
            }
        }
    }
}
