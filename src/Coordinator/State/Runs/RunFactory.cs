using Fleet.Coordinator.Actions;
using Fleet.Coordinator.State.Policies;
using Fleet.Protocol.V1;
using Fleet.Schedules;

namespace Fleet.Coordinator.State.Runs;

/// <summary>Makes runs from policies.</summary>
internal static class RunFactory
{
    /// <summary>The run of one scheduled instant: its id is the same whoever makes it.</summary>
    public static RunRow Scheduled(PolicyRow policy, string hostId, string hostName, DateTimeOffset scheduledAt, DateTimeOffset now) =>
        Create(
            policy, hostId, hostName, ScheduledRunId.Derive(policy.Spec.Name, hostId, scheduledAt), RunTrigger.Schedule, scheduledAt, now);

    /// <summary>A run that an operator asked for.</summary>
    /// <param name="action">The policy's own action, or the one that an operator changed for this run.</param>
    public static RunRow Manual(
        PolicyRow policy,
        string hostId,
        string hostName,
        string requestedBy,
        Protocol.V1.Action action,
        DateTimeOffset now
    ) =>
        Create(policy, hostId, hostName, Guid.NewGuid().ToString("N"), RunTrigger.Manual, now, now) with
        {
            RequestedBy = requestedBy,
            Action = HostAction.Of(action, hostName, policy.Spec.Name),
        };

    /// <summary>An action that an operator asked for, without a policy.</summary>
    /// <param name="timeout">Null for the default of policies.</param>
    public static RunRow AdHoc(
        Protocol.V1.Action action,
        Google.Protobuf.WellKnownTypes.Duration? timeout,
        string hostId,
        string hostName,
        string requestedBy,
        string note,
        DateTimeOffset now)
    {
        var policy = new PolicyRow(new PolicySpec { Action = action, Timeout = timeout }, 0, now, now, requestedBy);
        return Create(policy, hostId, hostName, Guid.NewGuid().ToString("N"), RunTrigger.Manual, now, now) with
        {
            RequestedBy = requestedBy,
            Note = note,
        };
    }

    /// <summary>
    /// A run that the agent fired by itself and that is first known from its report. The policy may already be gone:
    /// then nothing can be retried.
    /// </summary>
    public static RunRow FromAgent(
        PolicyRow? policy,
        string policyName,
        long policyRevision,
        string hostId,
        string hostName,
        string runId,
        RunTrigger trigger,
        DateTimeOffset scheduledAt,
        DateTimeOffset now)
    {
        var known = policy
            ?? new PolicyRow(
                new PolicySpec
                {
                    Name = policyName,
                    Action = new Protocol.V1.Action(),
                    Retry = new RetryPolicy { MaxAttempts = 1 },
                },
                policyRevision,
                now,
                now,
                "");
        return Create(known, hostId, hostName, runId, trigger, scheduledAt, now) with { PolicyRevision = policyRevision };
    }

    private static RunRow Create(
        PolicyRow policy, string hostId, string hostName, string runId, RunTrigger trigger, DateTimeOffset scheduledAt, DateTimeOffset now)
    {
        var (traceId, spanId) = RunTracing.Begin(runId, policy.Spec.Name, hostName, trigger);
        var expireAfter = PolicyRules.ExpireAfter(policy.Spec);
        return new RunRow
        {
            RunId = runId,
            Policy = policy.Spec.Name,
            PolicyRevision = policy.Revision,
            HostId = hostId,
            HostName = hostName,
            State = RunState.Queued,
            Trigger = trigger,
            ScheduledAt = scheduledAt,
            QueuedAt = now,
            ExpiresAt = scheduledAt + expireAfter,
            Action = HostAction.Of(policy.Spec.Action, hostName, policy.Spec.Name),
            Retry = PolicyRules.Retry(policy.Spec),
            Timeout = PolicyRules.Timeout(policy.Spec),
            ExpireAfter = expireAfter,
            TraceId = traceId,
            SpanId = spanId,
        };
    }
}
