using System.Collections.Immutable;
using System.Globalization;
using Fleet.Yaml;

namespace Fleet.Schedules.Retention;

/// <summary>One walk over a policy's copies, from the newest to the oldest, with everything that is counted on the way.</summary>
internal sealed class RetentionPass
{
    private readonly RetentionPolicy _policy;
    private readonly RetentionGuard _guard;
    private readonly DateTimeOffset _now;
    private readonly PeriodCounter[] _counters;
    private readonly RetentionCandidate? _newestGood;
    private readonly RetentionCandidate? _newestCounted;
    private readonly string _within;
    private readonly string _guardAge;
    private readonly ImmutableArray<RetentionReason> _unkept;
    private readonly ImmutableArray<RetentionReason> _superseded;
    private readonly List<RetentionReason> _reasons = [];
    private bool _isPastNewestGood;
    private int _counted;

    /// <param name="ordered">All copies, newest first.</param>
    public RetentionPass(RetentionPolicy policy, RetentionGuard guard, DateTimeOffset now, RetentionCandidate[] ordered)
    {
        _policy = policy;
        _guard = guard;
        _now = now;
        _counters = [.. Counters(policy.Keep)];
        _newestGood = ordered.FirstOrDefault(c => c.IsComplete && c.CreatedAt <= now);
        _newestCounted = ordered.FirstOrDefault(IsCounted);
        _within =
            policy.Keep.Within is { } span && _newestCounted is { } newest
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"{DurationText.Format(span)} of {newest.CreatedAt.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}")
                : "";
        _guardAge = $"younger than {DurationText.Format(guard.YoungestAge)}";
        _unkept = [new(policy.Name, RetentionRule.Unkept)];
        _superseded = [new(policy.Name, RetentionRule.Superseded)];
    }

    /// <summary>Decides about the next copy. To be called for each, in order.</summary>
    public RetentionDecision Decide(RetentionCandidate candidate)
    {
        _reasons.Clear();
        _isPastNewestGood |= ReferenceEquals(candidate, _newestGood);
        AddFlags(candidate);
        if (IsCounted(candidate))
        {
            AddCounts(candidate);
        }

        if (candidate.CreatedAt <= _now && _now - candidate.CreatedAt < _guard.YoungestAge)
        {
            Add(RetentionRule.GuardAge, _guardAge);
        }

        return _reasons.Count > 0
            ? new(candidate, RetentionVerdict.Keep, [.. _reasons])
            : new(candidate, RetentionVerdict.Destroy, candidate.IsComplete ? _unkept : _superseded);
    }

    private static IEnumerable<PeriodCounter> Counters(KeepRules keep)
    {
        (RetentionRule Rule, int Count)[] counts =
        [
            (RetentionRule.Last, keep.Last), (RetentionRule.Hourly, keep.Hourly), (RetentionRule.Daily, keep.Daily),
            (RetentionRule.Weekly, keep.Weekly), (RetentionRule.Monthly, keep.Monthly), (RetentionRule.Yearly, keep.Yearly),
        ];
        return counts.Where(static c => c.Count != 0).Select(static c => new PeriodCounter(c.Rule, c.Count));
    }

    private bool IsCounted(RetentionCandidate candidate) =>
        candidate is { IsComplete: true, IsProtected: false, IsHeld: false } && candidate.CreatedAt <= _now;

    private void AddFlags(RetentionCandidate candidate)
    {
        if (candidate.IsProtected)
        {
            Add(RetentionRule.Protected);
        }

        if (candidate.IsHeld)
        {
            Add(RetentionRule.Held);
        }

        if (candidate.IsReplicationBase)
        {
            Add(RetentionRule.ReplicationBase);
        }

        if (candidate.IsCloned)
        {
            Add(RetentionRule.Cloned);
        }

        if (ReferenceEquals(candidate, _newestGood) || candidate.IsLatest)
        {
            Add(RetentionRule.Newest);
        }

        if (candidate.CreatedAt > _now)
        {
            Add(RetentionRule.Future);
        }

        if (!candidate.IsComplete && !_isPastNewestGood)
        {
            Add(RetentionRule.Incomplete);
        }
    }

    private void AddCounts(RetentionCandidate candidate)
    {
        _counted++;
        AddFloor(RetentionRule.Floor, _policy.Floor);
        AddFloor(RetentionRule.GuardFloor, _guard.Floor);
        var local = TimeZoneInfo.ConvertTime(candidate.CreatedAt, _policy.Zone);
        for (var i = 0; i < _counters.Length; i++)
        {
            if (_counters[i].Keeps(_policy.Name, local, out var reason))
            {
                _reasons.Add(reason);
            }
        }

        if (_policy.Keep.Within is { } span && _newestCounted!.CreatedAt - candidate.CreatedAt <= span)
        {
            Add(RetentionRule.Within, _within);
        }
    }

    private void AddFloor(RetentionRule rule, int floor)
    {
        if (_counted <= floor)
        {
            _reasons.Add(new(_policy.Name, rule, _counted, floor));
        }
    }

    private void Add(RetentionRule rule, string? detail = null) => _reasons.Add(new(_policy.Name, rule, detail));
}
