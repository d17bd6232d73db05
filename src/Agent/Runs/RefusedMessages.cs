using Microsoft.Extensions.Logging;

namespace Fleet.Agent.Runs;

/// <summary>
/// Counts what the coordinator sent and what cannot be used, and tells of it: at once, and then once in a while with the number of what
/// came since, so that a coordinator that sends nothing else fills neither log nor outbox. Thread-safe.
/// </summary>
internal sealed partial class RefusedMessages(RunLedger ledger, TimeProvider time, ILogger logger)
{
    /// <summary>In <see cref="Quiet"/>; what was reported once is not reported again.</summary>
    private const int MaxPolicies = 100;

    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private long? _toldAt;
    private long _untold;
    private long? _policiesSince;
    private HashSet<(string Policy, string Problem)> _policies = [];

    /// <summary>Since the start.</summary>
    public long Count { get; private set; }

    /// <param name="problem">Safe to show.</param>
    public void Add(string problem)
    {
        long untold;
        lock (_gate)
        {
            Count++;
            _untold++;
            if (_toldAt is { } toldAt && time.GetElapsedTime(toldAt) < Quiet)
            {
                return;
            }

            (_toldAt, untold, _untold) = (time.GetTimestamp(), _untold, 0);
        }

        LogRefused(untold, problem);
        ledger.Notice("coordinator_message_refused", $"{untold} message(s) from the coordinator could not be used; the newest: {problem}");
    }

    /// <summary>A policy of an assignment was left out; the others are kept.</summary>
    /// <param name="policy">Empty if its name cannot be used either, or if it is about the assignment itself.</param>
    /// <param name="problem">Safe to show.</param>
    public void AddPolicy(string policy, string problem)
    {
        lock (_gate)
        {
            Count++;
            if (_policiesSince is not { } since || time.GetElapsedTime(since) >= Quiet)
            {
                (_policiesSince, _policies) = (time.GetTimestamp(), []);
            }

            if (_policies.Count >= MaxPolicies || !_policies.Add((policy, problem)))
            {
                return;
            }
        }

        LogPolicy(policy, problem);
        var what = policy.Length > 0 ? $"policy {policy} was left out of this host's assignment" : "part of the assignment was left out";
        ledger.Notice("policy_refused", $"{what}: {problem}", ("policy", policy));
    }
}
