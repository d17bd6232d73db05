using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Fleet.Protocol.V1;
using Fleet.Schedules.Retention;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Agent.Actions.Zfs;

/// <summary>What a run of <see cref="ZfsPruneRun"/> planned and did, on its way to the result.</summary>
internal sealed class ZfsPruneReport(ActionContext context)
{
    private const int MaxDetails = 100;
    private const int MaxDecisions = 5_000;
    private const int MaxReported = 1_000;

    /// <summary>A result must fit into a record and a message, of 4 MiB each.</summary>
    private const int MaxDecisionBytes = 1024 * 1024;

    private readonly ZfsPruneAction _action = context.Action.ZfsPrune;
    private readonly ActionResult _result = new() { Outcome = ActionOutcome.Succeeded, ZfsPrune = new ZfsPruneResult() };
    private readonly List<string> _failures = [];
    private readonly List<string> _refusals = [];
    private bool _confirmed;
    private bool _retryable;
    private long _doomed;
    private long _datasets;

    /// <summary>Part of the work could not be done.</summary>
    /// <param name="message">For a person, safe to show.</param>
    public void Fail(string message, bool retryable)
    {
        _failures.Add(message);
        _retryable |= retryable;
    }

    /// <summary>Everything that was planned. Once, before anything is destroyed.</summary>
    public void AddPlans(IReadOnlyList<ZfsPrunePlan> plans)
    {
        _datasets = plans.Count;
        _doomed = plans.Sum(p => (long)p.Decisions.Count(d => d.Verdict == RetentionVerdict.Destroy));
        var prune = _result.ZfsPrune;
        prune.PlannedTotal = plans.Sum(p => (long)p.Decisions.Count);
        if (_action.DryRun)
        {
            AddDecisions(plans.SelectMany(p => p.Decisions).Take(MaxDecisions));
        }

        _refusals.AddRange(plans.Where(p => p.State == RetentionPlanState.Refused).Select(p => $"{p.Dataset}: {p.Why}"));
        var asking = plans.Where(p => p.Asks).ToList();
        if (asking.Count > 0)
        {
            prune.Confirmation = Fingerprint(asking);
            _confirmed = _action.Confirmation == prune.Confirmation;
            if (!_confirmed)
            {
                _refusals.AddRange(asking.Select(p => $"{p.Dataset}: {p.Why}"));
                _refusals.Add((_action.Confirmation.Length > 0 ? "what was confirmed is another plan; " : "") + $"to destroy what is planned now: fleet run {context.Policy} --host {context.HostName} --confirm {prune.Confirmation}");
            }
        }
    }

    public bool MayDestroy(ZfsPrunePlan plan) => plan.State == RetentionPlanState.Ready || (plan.State == RetentionPlanState.Asks && _confirmed);

    public void Add(ZfsDestroyer destroyer, ZfsError? error)
    {
        var prune = _result.ZfsPrune;
        prune.DestroyedTotal += destroyer.Destroyed.Count;
        prune.ReclaimedBytes += destroyer.ReclaimedBytes;
        prune.Destroyed.AddRange(destroyer.Destroyed.Take(MaxReported - prune.Destroyed.Count).Select(ZfsSnapshotRun.Info));
        foreach (var problem in destroyer.Problems)
        {
            AddDetail(problem);
        }

        if (error is not null)
        {
            Fail(error.Message, error.Retryable);
        }
    }

    public ActionResult Cancelled()
    {
        var result = Result();
        (result.Outcome, result.Message) = (ActionOutcome.Cancelled, $"cancelled; {result.Message}");
        return result;
    }

    public ActionResult Result()
    {
        var prune = _result.ZfsPrune;
        List<string> messages =
        [
            _action.DryRun
                ? Text($"dry run: {_doomed} of {prune.PlannedTotal} snapshot(s) of {_action.SnapshotsOf} on {_datasets} dataset(s) would be destroyed")
                : Text($"{prune.DestroyedTotal} of {prune.PlannedTotal} snapshot(s) of {_action.SnapshotsOf} on {_datasets} dataset(s) destroyed"),
            .. _refusals.Take(3),
            .. _failures.Take(3),
        ];
        foreach (var detail in _refusals.Concat(_failures))
        {
            AddDetail(detail);
        }

        var failed = _failures.Count > 0 || (!_action.DryRun && _refusals.Count > 0);
        _result.Outcome = failed ? ActionOutcome.Failed : _result.DetailsTotal > 0 && !_action.DryRun ? ActionOutcome.SucceededWithWarnings : ActionOutcome.Succeeded;
        _result.Retryable = failed && _retryable;
        _result.Message = string.Join("; ", messages);
        return _result;
    }

    private void AddDecisions(IEnumerable<Schedules.Retention.RetentionDecision> decisions)
    {
        var bytes = 0;
        foreach (var decision in decisions.Select(Decision))
        {
            bytes += decision.CalculateSize();
            if (bytes > MaxDecisionBytes)
            {
                return;
            }

            _result.ZfsPrune.Decisions.Add(decision);
        }
    }

    /// <summary>Names exactly what would go on the datasets that ask: another set of snapshots has another one.</summary>
    private static string Fingerprint(IReadOnlyList<ZfsPrunePlan> asking)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var plan in asking.OrderBy(p => p.Dataset, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{plan.Dataset}\n"));
            foreach (var guid in plan.Doomed.Select(s => s.Guid.Value).Order())
            {
                hash.AppendData(Encoding.UTF8.GetBytes($"{guid}\n"));
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
    }

    private static Protocol.V1.RetentionDecision Decision(Schedules.Retention.RetentionDecision decision) => new()
    {
        Name = decision.Candidate.Name,
        Identity = decision.Candidate.Identity,
        CreatedAt = Timestamp.FromDateTimeOffset(decision.Candidate.CreatedAt),
        Destroy = decision.Verdict == RetentionVerdict.Destroy,
        Reasons = { decision.Reasons.Select(r => new Protocol.V1.RetentionReason { Policy = r.Policy, Text = r.Text }) },
    };

    private void AddDetail(string detail)
    {
        _result.DetailsTotal++;
        if (_result.Details.Count < MaxDetails)
        {
            _result.Details.Add(detail);
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
