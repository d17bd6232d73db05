using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;
using Fleet.Schedules;

namespace Fleet.Agent.Edge;

/// <summary>A policy of this host. Only what passed the checks here is one.</summary>
internal sealed record HostPolicy
{
    private HostPolicy()
    {
    }

    public required string Name { get; init; }

    public required long Revision { get; init; }

    public required Protocol.V1.Action Action { get; init; }

    public required bool Paused { get; init; }

    /// <summary>Null if it runs on demand only.</summary>
    public required TimeSpan? Every { get; init; }

    public required TimeSpan SpreadBound { get; init; }

    public required TimeSpan ExpireAfter { get; init; }

    /// <summary>Null for the default of PolicySpec.timeout.</summary>
    public required TimeSpan? Timeout { get; init; }

    /// <summary>The newest instant that the coordinator has taken care of. Null if there is none.</summary>
    public required DateTimeOffset? CoveredUntil { get; init; }

    /// <summary>For the disk.</summary>
    public required AssignedPolicy Message { get; init; }

    /// <summary>
    /// Null if it cannot be used, for that reason. One whose action is to prune still has a say in what stays, as one that lets nothing go:
    /// see <see cref="Keeper"/>.
    /// </summary>
    public static HostPolicy? Read(AssignedPolicy assigned, out string problem)
    {
        var fields = new WireFields();
        var spec = assigned.Spec ?? new PolicySpec();
        if (spec.CalculateSize() > PolicyLimits.MaxSpecBytes)
        {
            fields.Refuse("spec", "is larger than 256 KiB");
        }

        var action = spec.Action ?? new Protocol.V1.Action();
        ActionFields.Check(action, fields);
        var every = fields.Span("schedule.every", spec.Schedule?.Every, PolicyLimits.ShortestInterval, PolicyLimits.LongestInterval);
        var policy = new HostPolicy
        {
            Name = fields.Policy("name", spec.Name, required: true),
            Revision = fields.Number("revision", assigned.Revision, 0, long.MaxValue),
            Action = action,
            Paused = spec.Paused,
            Every = every,
            SpreadBound = fields.Span("schedule.spread", spec.Schedule?.Spread, TimeSpan.Zero, PolicyLimits.LongestInterval)
                ?? (every < ScheduleSpread.DefaultBound ? every.Value : ScheduleSpread.DefaultBound),
            ExpireAfter = fields.Span("expire_after", spec.ExpireAfter, PolicyLimits.ShortestTimeout, PolicyLimits.LongestTimeout)
                ?? every
                ?? TimeSpan.Zero,
            Timeout = fields.Span("timeout", spec.Timeout, PolicyLimits.ShortestTimeout, PolicyLimits.LongestTimeout),
            CoveredUntil = fields.Instant("covered_until", assigned.CoveredUntil),
            Message = assigned,
        };
        problem = fields.Problem;
        return fields.Good ? policy : null;
    }

    /// <summary>
    /// Of a policy that cannot be used and that says what to keep: it never runs, and because it names no rule, nothing of the snapshots
    /// that it is about goes. Leaving it out would let the other policies destroy what it keeps. Null if it is about no snapshots.
    /// </summary>
    public static HostPolicy? Keeper(AssignedPolicy assigned)
    {
        var action = assigned.Spec?.Action?.Clone();
        if (action?.ZfsPrune is { } zfs)
        {
            (zfs.Retention, zfs.AssumedNow) = (null, null);
        }
        else if (action?.LvmPrune is { } lvm)
        {
            (lvm.Retention, lvm.AssumedNow) = (null, null);
        }
        else
        {
            return null;
        }

        return Read(new AssignedPolicy { Spec = new PolicySpec { Name = assigned.Spec!.Name, Action = action, Paused = true } }, out _);
    }
}
