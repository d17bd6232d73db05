using System.Collections.Concurrent;
using Fleet.Agent.Edge;
using Fleet.Agent.Lvm;
using Fleet.Agent.Retention;
using Fleet.Protocol.V1;
using Fleet.Schedules.Retention;
using Fleet.Schedules.Retention.Clock;

namespace Fleet.Agent.Actions.Lvm;

/// <summary>
/// The action "lvm.prune": removes snapshots that Fleet made for one policy and that no rule keeps any longer. What may never go,
/// whatever is asked: docs/retention.md and the guard file. A second attempt makes a new plan.
/// </summary>
/// <param name="assigned">The policies of this host: others may own the same snapshots.</param>
internal sealed class LvmPruneRun(RetentionClock clock, Func<HostAssignment> assigned) : IAction
{
    private const int MaxReported = 1_000;
    private readonly ConcurrentDictionary<string, byte> _hung = new();

    public Protocol.V1.Action.KindOneofCase Kind => Protocol.V1.Action.KindOneofCase.LvmPrune;

    public async Task<ActionResult> RunAsync(ActionContext context, CancellationToken cancellationToken)
    {
        var action = context.Action.LvmPrune;
        var request = Request(action);
        if (PruneParty.Read(context.Policy, request, out var problem) is not { } own || clock.Check(request, out problem) is not { } check)
        {
            return ToolOutcome.Failed(problem);
        }

        if (context.Guard.Storage.Refusal("prune", action.Volumes) is { } refusal)
        {
            return ToolOutcome.Refused(refusal);
        }

        var attempt = new LvmAttempt(context, _hung);
        context.Log.Progress(new RunProgress { Phase = "looking at the volumes" });
        var (stock, error) = await attempt.LookAsync(cancellationToken);
        if (error is not null)
        {
            return LvmAttempt.Stopped(error, cancellationToken);
        }

        var report = new PruneReport(context, request, "volume(s)");
        var plans = Plan(context, stock, own, check, report);
        report.AddPlans([.. plans.Select(p => p.Plan)]);
        List<LvmVolume> removed = [];
        if (!action.DryRun)
        {
            await RemoveAsync(attempt, own, [.. plans.Where(p => report.MayDestroy(p.Plan))], report, removed, cancellationToken);
        }

        return Result(report, removed, cancellationToken.IsCancellationRequested);
    }

    private static PruneRequest Request(LvmPruneAction action) =>
        PruneRequest.Of(action, LvmVolumeList.Problem(action.Volumes), action.Volumes.Contains);

    private List<LvmPrunePlan> Plan(ActionContext context, LvmStock stock, PruneParty own, ClockCheck check, PruneReport report)
    {
        var others = PruneParty.Others(context.Policy, assigned(), a => a.LvmPrune is { } prune ? Request(prune) : null);
        List<LvmPrunePlan> plans = [];
        foreach (var name in context.Action.LvmPrune.Volumes)
        {
            var rule = context.Guard.Storage.Nearest(name)!;
            var guard = new RetentionGuard { Floor = rule.KeepNewest, YoungestAge = rule.YoungestAge };
            if (LvmVolumeList.Origin(stock, name, out var problem) is { } origin
                && LvmPrunePlan.Create(stock, origin, own, others, check, guard, out problem) is { } plan)
            {
                plans.Add(plan);
            }
            else
            {
                report.Fail(problem, retryable: false);
            }
        }

        return plans;
    }

    private static async Task RemoveAsync(
        LvmAttempt attempt, PruneParty own, IReadOnlyList<LvmPrunePlan> plans, PruneReport report, List<LvmVolume> removed,
        CancellationToken cancellationToken)
    {
        foreach (var plan in plans)
        {
            attempt.Context.Log.Progress(new RunProgress { Phase = $"{plan.Origin.FullName}: removing {plan.Doomed.Count} snapshot(s)" });
            var remover = new LvmRemover(attempt, own.Owner);
            var error = await remover.RemoveAsync(plan, cancellationToken);
            report.AddDestroyed(remover.Removed.Count, remover.Problems);
            removed.AddRange(remover.Removed);
            if (cancellationToken.IsCancellationRequested)
            {
                return;
            }

            if (error is not null)
            {
                report.Fail(error.Message, error.Retryable);
            }
        }
    }

    private static ActionResult Result(PruneReport report, List<LvmVolume> removed, bool isCancelled)
    {
        var result = isCancelled ? report.Cancelled() : report.Result();
        result.LvmPrune = new LvmPruneResult
        {
            PlannedTotal = report.PlannedTotal,
            DestroyedTotal = report.DestroyedTotal,
            Confirmation = report.Confirmation,
            Decisions = { report.Decisions },
            Destroyed = { removed.Take(MaxReported).Select(LvmSnapshotRun.Info) },
        };
        return result;
    }
}
