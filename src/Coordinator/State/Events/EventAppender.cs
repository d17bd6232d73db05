using System.Text.Json;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.Edge;

namespace Fleet.Coordinator.State.Events;

/// <summary>
/// Records events in the same transaction as the fact that they report. There is one writer, so sequences have no gaps: a command
/// that fails returns its numbers before the next one runs.
/// </summary>
internal static class EventAppender
{
    /// <summary>Most characters of one event's texts, since subscribers hold many events at once.</summary>
    private const int MaxMessageChars = 2_000;
    private const int MaxKeyChars = 100;
    private const int MaxValueChars = 1_000;
    private const int MaxAttributeChars = 8 * 1024;

    /// <returns>The event's sequence, which is final once the transaction commits.</returns>
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
            ("$message", WireText.Cut(fact.Message, MaxMessageChars)),
            ("$attributes", fact.Attributes.Count == 0 ? "{}" : JsonSerializer.Serialize(Cut(fact.Attributes))));
        return sequence;
    }

    /// <summary>Attributes beyond the limit are dropped.</summary>
    private static Dictionary<string, string> Cut(IReadOnlyDictionary<string, string> attributes)
    {
        var kept = new Dictionary<string, string>(attributes.Count, StringComparer.Ordinal);
        var chars = 0;
        foreach (var (key, value) in attributes)
        {
            var (shortKey, shortValue) = (WireText.Cut(key, MaxKeyChars), WireText.Cut(value, MaxValueChars));
            chars += shortKey.Length + shortValue.Length;
            if (chars > MaxAttributeChars)
            {
                break;
            }

            kept[shortKey] = shortValue;
        }

        return kept;
    }
}
