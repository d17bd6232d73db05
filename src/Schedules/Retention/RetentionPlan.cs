using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Fleet.Schedules.Retention;

/// <summary>
/// One decision for every copy of a list, and whether they may be carried out. The same plan is shown by <c>fleet retention explain</c> and
/// carried out by the agent.
/// </summary>
public sealed class RetentionPlan
{
    private readonly Lazy<string> _fingerprint;

    /// <param name="policy">The one policy that made it; null for a combined plan, which has <paramref name="parts"/>.</param>
    internal RetentionPlan(
        RetentionPlanState state,
        string? why,
        bool isForShow,
        ImmutableArray<RetentionDecision> decisions,
        RetentionPolicy? policy,
        ImmutableArray<RetentionPlan> parts = default)
    {
        State = state;
        Why = why;
        IsForShow = isForShow;
        Decisions = decisions;
        Policy = policy;
        Parts = parts.IsDefault ? [this] : parts;
        _fingerprint = new(MakeFingerprint);
    }

    /// <summary>Whether the plan may be carried out.</summary>
    public RetentionPlanState State { get; }

    /// <summary>
    /// For <see cref="RetentionPlanState.Asks"/> and <see cref="RetentionPlanState.Refused"/> the reason, one line, otherwise null.
    /// </summary>
    public string? Why { get; }

    /// <summary>Made for a time that somebody named (<see cref="Clock.ClockCheck.Assume"/>): to be read, never carried out.</summary>
    public bool IsForShow { get; }

    /// <summary>One decision for each candidate, newest first.</summary>
    public ImmutableArray<RetentionDecision> Decisions { get; }

    /// <summary>
    /// What a confirmation names: 16 hex digits over the identities that would go. Another set of copies has another one, so that nobody
    /// confirms more than they were shown.
    /// </summary>
    public string Fingerprint => _fingerprint.Value;

    internal RetentionPolicy? Policy { get; }

    /// <summary>The plans of one policy each that this one was combined from; itself alone if it is one.</summary>
    internal ImmutableArray<RetentionPlan> Parts { get; }

    /// <summary>
    /// What may be destroyed now, oldest first. Empty for a refused plan, for one that is only for show, and for one that asks
    /// unless <paramref name="confirmation"/> is its <see cref="Fingerprint"/>.
    /// </summary>
    public ImmutableArray<RetentionCandidate> ToDestroy(string? confirmation = null)
    {
        var may = !IsForShow && (State == RetentionPlanState.Ready || (State == RetentionPlanState.Asks && confirmation == Fingerprint));
        return may ? [.. Doomed().Reverse()] : [];
    }

    private IEnumerable<RetentionCandidate> Doomed() =>
        Decisions.Where(static d => d.Verdict == RetentionVerdict.Destroy).Select(static d => d.Candidate);

    private string MakeFingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var identity in Doomed().Select(static c => c.Identity).Order(StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(identity));
            hash.AppendData([0]);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
    }
}
