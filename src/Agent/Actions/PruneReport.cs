using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Fleet.Agent.Retention;
using Fleet.Protocol.V1;
using Fleet.Schedules.Retention;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Agent.Actions;

/// <summary>What a run that prunes planned and did, on its way to the result, whatever it prunes.</summary>
/// <param name="place">What is planned by itself, for messages: "dataset(s)".</param>
internal sealed class PruneReport(ActionContext context, PruneRequest request, string place)
{
    private const int MaxDetails = 100;
    private const int MaxDecisions = 5_000;

    /// <summary>A result must fit into a record and a message, of 4 MiB each.</summary>
    private const int MaxDecisionBytes = 1024 * 1024;

    private readonly ActionResult _result = new() { Outcome = ActionOutcome.Succeeded };
    private readonly List<Protocol.V1.RetentionDecision> _decisions = [];
    private readonly List<string> _failures = [];
    private readonly List<string> _refusals = [];
    private bool _confirmed;
    private bool _retryable;
    private long _doomed;
    private long _places;

    /// <summary>Dry runs only: as many as a result can carry.</summary>
    public IReadOnlyList<Protocol.V1.RetentionDecision> Decisions => _decisions;

    /// <summary>Snapshots that the policy owns.</summary>
    public long PlannedTotal { get; private set; }

    public long DestroyedTotal { get; private set; }

    /// <summary>What a run must carry to proceed with this plan. Empty if no confirmation is needed.</summary>
    public string Confirmation { get; private set; } = "";

    /// <summary>Part of the work could not be done.</summary>
    /// <param name="message">For a person, safe to show.</param>
    public void Fail(string message, bool retryable)
    {
        _failures.Add(message);
        _retryable |= retryable;
    }

    /// <summary>Everything that was planned. Once, before anything is destroyed.</summary>
    public void AddPlans(IReadOnlyList<PrunePlan> plans)
    {
        _places = plans.Count;
        _doomed = plans.Sum(p => (long)p.Decisions.Count(d => d.Verdict == RetentionVerdict.Destroy));
        PlannedTotal = plans.Sum(p => (long)p.Decisions.Count);
        if (request.DryRun)
        {
            AddDecisions(plans.SelectMany(p => p.Decisions).Take(MaxDecisions));
        }

        _refusals.AddRange(plans.Where(p => p.State == RetentionPlanState.Refused).Select(p => $"{p.Of}: {p.Why}"));
        var asking = plans.Where(p => p.Asks).ToList();
        if (asking.Count > 0)
        {
            Confirmation = Fingerprint(asking);
            _confirmed = request.Confirmation == Confirmation;
            if (!_confirmed)
            {
                _refusals.AddRange(asking.Select(p => $"{p.Of}: {p.Why}"));
                _refusals.Add((request.Confirmation.Length > 0 ? "what was confirmed was a "
                    + "different plan; "
                        : "") + $"to destroy what is planned now: fleet run {context.Policy} --host {context.HostName} --confirm "
                            + $"{Confirmation}");
            }
        }
    }

    public bool MayDestroy(PrunePlan plan) =>
        plan.Doomed.Count > 0 && (plan.State == RetentionPlanState.Ready || (plan.State == RetentionPlanState.Asks && _confirmed));

    /// <summary>What became of one plan.</summary>
    /// <param name="problems">Why some that were planned stayed. Sentences for people, safe to show.</param>
    public void AddDestroyed(int count, IEnumerable<string> problems)
    {
        DestroyedTotal += count;
        foreach (var problem in problems)
        {
            AddDetail(problem);
        }
    }

    public ActionResult Cancelled()
    {
        var result = Result();
        (result.Outcome, result.Message) = (ActionOutcome.Cancelled, $"cancelled; {result.Message}");
        return result;
    }

    /// <summary>Once, at the end. What the action knows besides is the action's to add.</summary>
    public ActionResult Result()
    {
        List<string> messages =
        [
            request.DryRun
                ? Text($"dry run: {_doomed} of {PlannedTotal} snapshot(s) of {request.SnapshotsOf} on {_places} {place} would be destroyed")
                : Text($"{DestroyedTotal} of {PlannedTotal} snapshot(s) of {request.SnapshotsOf} on {_places} {place} destroyed"),
            .. _refusals.Take(3),
            .. _failures.Take(3),
        ];
        foreach (var detail in _refusals.Concat(_failures))
        {
            AddDetail(detail);
        }

        var failed = _failures.Count > 0 || (!request.DryRun && _refusals.Count > 0);
        _result.Outcome = failed
            ? ActionOutcome.Failed
            : _result.DetailsTotal > 0 && !request.DryRun
            ? ActionOutcome.SucceededWithWarnings
            : ActionOutcome.Succeeded;
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

            _decisions.Add(decision);
        }
    }

    /// <summary>Names exactly what would go where it asks: another set of snapshots has another one.</summary>
    private static string Fingerprint(IReadOnlyList<PrunePlan> asking)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var plan in asking.OrderBy(p => p.Of, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{plan.Of}\n"));
            foreach (var identity in plan.Doomed.Order(StringComparer.Ordinal))
            {
                hash.AppendData(Encoding.UTF8.GetBytes($"{identity}\n"));
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
