using Fleet.Coordinator.State.Events;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Hosts;

/// <summary>Stores what an agent reports about its own state directory.</summary>
internal static class AgentStateStore
{
    /// <summary>Stores it, and records an event when an error begins or ends.</summary>
    /// <param name="error">Empty if nothing is wrong.</param>
    public static void Set(StoreTransaction transaction, HostRow host, string error)
    {
        error = error.Length <= 500 ? error : error[..500];
        var changed = transaction.Execute(
            "UPDATE hosts SET state_error = $error WHERE host_id = $id AND state_error <> $error", ("$error", error), ("$id", host.HostId));
        if (changed == 0)
        {
            return;
        }

        EventAppender.Append(
            transaction,
            error.Length > 0
                ? New(
                    host,
                    EventTypes.AgentPrefix + "state_error",
                    EventSeverity.Error,
                    $"{host.Name} cannot write its state and starts no run: {error}")
                : New(host, EventTypes.AgentPrefix + "state_recovered", EventSeverity.Info, $"{host.Name} can write its state again"));
    }

    private static NewEvent New(HostRow host, string type, EventSeverity severity, string message) =>
        new(type, severity, message) { HostId = host.HostId, HostName = host.Name };
}
