using System.Globalization;
using Fleet.Coordinator.State.Events;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Policies;

/// <summary>Builds events about the state of a policy on a host. Pure.</summary>
internal static class ProtectionEvents
{
    /// <summary>The policy is in a state that somebody must know about.</summary>
    public static NewEvent Alert(PolicySpec spec, PolicyHostRow row, ProtectionState state, string reason)
    {
        var (type, severity, what) = state switch
        {
            ProtectionState.Failing => (EventTypes.PolicyFailing, EventSeverity.Warning, "does not succeed"),
            ProtectionState.Stale => (EventTypes.PolicyStale, EventSeverity.Error,
                $"has no success newer than {row.LastSuccessAt?.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z"),
            _ => (EventTypes.PolicyNeverRan, EventSeverity.Error, "has never succeeded"),
        };
        var message = $"{spec.Name} on {row.HostName} {what}";
        return Event(type, severity, spec, row, reason.Length == 0 ? message : $"{message}: {reason}", row.Announced);
    }

    /// <summary>The policy has recovered on a host.</summary>
    public static NewEvent Recovered(PolicySpec spec, PolicyHostRow row) =>
        Event(EventTypes.PolicyRecovered, EventSeverity.Info, spec, row, $"{spec.Name} on {row.HostName} has recovered", row.Announced);

    private static NewEvent Event(
        string type, EventSeverity severity, PolicySpec spec, PolicyHostRow row, string message, ProtectionState before)
    {
        var attributes = new Dictionary<string, string> { ["before"] = NameOf(before) };
        if (row.LastSuccessAt is { } success)
        {
            attributes["last_success_at"] = success.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
        }

        if (PolicyRules.Freshness(spec) is { } freshness)
        {
            attributes["freshness_seconds"] = ((long)freshness.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        return new NewEvent(type, severity, message)
        {
            HostId = row.HostId,
            HostName = row.HostName,
            Policy = row.Policy,
            RunId = row.LastRunId,
            Attributes = attributes,
        };
    }

    /// <summary>The state's name in events: "ok", "failing", "never_ran"...</summary>
    private static string NameOf(ProtectionState state) => state switch
    {
        ProtectionState.Ok => "ok",
        ProtectionState.Failing => "failing",
        ProtectionState.Stale => "stale",
        ProtectionState.NeverRan => "never_ran",
        ProtectionState.Paused => "paused",
        _ => "pending",
    };
}
