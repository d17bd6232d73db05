using Fleet.Agent.Zfs;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions.Zfs;

/// <summary>What a run of <see cref="ZfsPruneRun"/> destroyed, besides what every report of a pruning says.</summary>
internal sealed class ZfsPruneReport(PruneReport report)
{
    private const int MaxReported = 1_000;

    private readonly ZfsPruneResult _prune = new();

    public void Add(ZfsDestroyer destroyer, ZfsError? error)
    {
        report.AddDestroyed(destroyer.Destroyed.Count, destroyer.Problems);
        _prune.ReclaimedBytes += destroyer.ReclaimedBytes;
        _prune.Destroyed.AddRange(destroyer.Destroyed.Take(MaxReported - _prune.Destroyed.Count).Select(ZfsSnapshotRun.Info));
        if (error is not null)
        {
            report.Fail(error.Message, error.Retryable);
        }
    }

    public ActionResult Result(bool isCancelled)
    {
        var result = isCancelled ? report.Cancelled() : report.Result();
        _prune.Decisions.Add(report.Decisions);
        _prune.PlannedTotal = report.PlannedTotal;
        _prune.DestroyedTotal = report.DestroyedTotal;
        _prune.Confirmation = report.Confirmation;
        result.ZfsPrune = _prune;
        return result;
    }
}
