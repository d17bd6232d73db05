using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;
using Fleet.Schedules;

namespace Fleet.Agent.Edge;

/// <summary>
/// A run to carry out. Only what passed the checks here is one, whether the coordinator asked for it or this host's own schedule.
/// </summary>
internal sealed record RunOrder : RunHead
{
    private const int MaxTraceBytes = 128;

    private RunOrder()
    {
    }

    public required Protocol.V1.Action Action { get; init; }

    /// <summary>Null for the default of PolicySpec.timeout.</summary>
    public required TimeSpan? Timeout { get; init; }

    /// <summary>Null if never.</summary>
    public required DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>May be empty.</summary>
    public required string Traceparent { get; init; }

    /// <summary>This host has said that the attempt began: it must not begin a second time.</summary>
    public bool BeganBefore { get; init; }

    /// <summary>A <see cref="RunOrder"/>, or a <see cref="RefusedOrder"/> of the same attempt.</summary>
    /// <param name="problem">Null is returned: it does not even say which run it is about, and this is why.</param>
    public static RunHead? Read(RunCommand command, out string problem)
    {
        var named = new WireFields("run");
        var runId = named.RunId("run_id", command.RunId);
        var attempt = named.Number("attempt", command.Attempt, 1, PolicyLimits.MaxAttempt);
        problem = named.Problem;
        if (runId is null || !named.Good)
        {
            return null;
        }

        var fields = new WireFields("run");
        var action = command.Action ?? new Protocol.V1.Action();
        ActionFields.Check(action, fields);
        var order = new RunOrder
        {
            RunId = runId,
            Attempt = attempt,
            Policy = fields.Policy("policy", command.Policy),
            PolicyRevision = fields.Number("policy_revision", command.PolicyRevision, 0, long.MaxValue),
            ScheduledAt = fields.Instant("scheduled_at", command.ScheduledAt),
            Trigger = command.Trigger is RunTrigger.Schedule or RunTrigger.AgentSchedule or RunTrigger.Manual
                ? command.Trigger
                : RunTrigger.Unspecified,
            Action = action,
            Timeout = command.Timeout is null or { Seconds: 0, Nanos: 0 }
                ? null
                : fields.Span("timeout", command.Timeout, PolicyLimits.ShortestTimeout, PolicyLimits.LongestTimeout),
            ExpiresAt = fields.Instant("expires_at", command.ExpiresAt),
            Traceparent = new WireFields().Text("traceparent", command.Traceparent, MaxTraceBytes),
            BeganBefore = command.BeganBefore,
        };
        return fields.Good ? order : new RefusedOrder
        {
            RunId = order.RunId,
            Attempt = order.Attempt,
            Policy = order.Policy,
            PolicyRevision = order.PolicyRevision,
            ScheduledAt = order.ScheduledAt,
            Trigger = order.Trigger,
            Problem = fields.Problem,
        };
    }

    /// <summary>What this host fires by itself. The id is the one that the coordinator would give.</summary>
    public static RunOrder Scheduled(HostPolicy policy, string hostId, DateTimeOffset instant) => new()
    {
        RunId = IdOf(policy, hostId, instant),
        Attempt = 1,
        Policy = policy.Name,
        PolicyRevision = policy.Revision,
        ScheduledAt = instant,
        Trigger = RunTrigger.AgentSchedule,
        Action = policy.Action,
        Timeout = policy.Timeout,
        ExpiresAt = instant + policy.ExpireAfter,
        Traceparent = "",
    };

    public static RunId IdOf(HostPolicy policy, string hostId, DateTimeOffset instant) =>
        RunId.Parse(ScheduledRunId.Derive(policy.Name, hostId, instant));
}
