using System.Text.Json;
using Fleet.Coordinator.Storage;

namespace Fleet.Coordinator.Events;

/// <summary>
/// Records events in the transaction of the fact that they tell. There is one writer, so sequences have no gaps: a command
/// that fails gives its numbers back before the next one runs.
/// </summary>
internal static class EventAppender
{
    /// <returns>The event's sequence, for ever its own once the transaction commits.</returns>
    public static long Append(StoreTransaction transaction, NewEvent fact)
    {
        var sequence = ++transaction.LastEventSequence;
        transaction.Execute(
            """
            INSERT INTO events (sequence, at, occurred_at, type, severity, host_id, host_name, policy, run_id, message, attributes)
            VALUES ($sequence, $at, $occurred, $type, $severity, $host, $hostName, $policy, $run, $message, $attributes)
            """,
            ("$sequence", sequence),
            ("$at", transaction.Now.ToUnixTimeMilliseconds()),
            ("$occurred", fact.OccurredAt?.ToUnixTimeMilliseconds()),
            ("$type", fact.Type),
            ("$severity", (int)fact.Severity),
            ("$host", fact.HostId),
            ("$hostName", fact.HostName),
            ("$policy", fact.Policy),
            ("$run", fact.RunId),
            ("$message", fact.Message),
            ("$attributes", fact.Attributes.Count == 0 ? "{}" : JsonSerializer.Serialize(fact.Attributes)));
        return sequence;
    }
}
