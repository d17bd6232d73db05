using System.Data.Common;
using System.Text.Json;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.State.Events;

/// <summary>Reads the event log.</summary>
internal static class EventStore
{
    private const long MaxPageBytes = 512 * 1024;

    private const string Select =
        "SELECT sequence, at, occurred_at, type, severity, host_id, host_name, policy, run_id, message, attributes FROM events";

    /// <summary>Sequence of the oldest event kept; 0 if there is none.</summary>
    public static long Oldest(StoreReader reader) => reader.Number("SELECT min(sequence) FROM events");

    public static long Newest(StoreReader reader) => reader.Number("SELECT max(sequence) FROM events");

    /// <summary>When the newest event was recorded. Null if there is none.</summary>
    public static DateTimeOffset? NewestAt(StoreReader reader) =>
        reader.First("SELECT at FROM events ORDER BY sequence DESC LIMIT 1", static row => (DateTimeOffset?)row.Instant(0));

    /// <summary>Events after a sequence, in order.</summary>
    /// <remarks>Fewer than the limit if they are large, because each subscriber holds a page.</remarks>
    public static List<Event> After(StoreReader reader, long sequence, int limit)
    {
        var bytes = 0L;
        return reader.QueryUntil(
            Select + " WHERE sequence > $after ORDER BY sequence LIMIT $limit",
            Read,
            fact => (bytes += fact.CalculateSize()) >= MaxPageBytes,
            ("$after", sequence),
            ("$limit", limit));
    }

    /// <summary>The events with the given sequences, in order.</summary>
    /// <remarks>Fewer if they are large, as in <see cref="After"/>.</remarks>
    public static List<Event> Of(StoreReader reader, IReadOnlyList<long> sequences)
    {
        var events = new List<Event>(sequences.Count);
        var bytes = 0L;
        foreach (var sequence in sequences)
        {
            var fact = reader.First(Select + " WHERE sequence = $sequence", Read, ("$sequence", sequence))!;
            events.Add(fact);
            if ((bytes += fact.CalculateSize()) >= MaxPageBytes)
            {
                break;
            }
        }

        return events;
    }

    /// <summary>
    /// Deletes the oldest events from before an instant; never the newest one, from which the sequence continues.
    /// </summary>
    /// <returns>The number of deleted events.</returns>
    public static int Forget(StoreTransaction transaction, DateTimeOffset before, int limit)
    {
        // By sequence, not by instant: a clock that was set back must not leave a gap.
        var last = transaction
            .Query(
                "SELECT sequence, at FROM events ORDER BY sequence LIMIT $limit",
                static row => (Sequence: row.GetInt64(0), At: row.Instant(1)),
                ("$limit", limit))
            .TakeWhile(fact => fact.At < before && fact.Sequence < transaction.LastEventSequence)
            .LastOrDefault();
        return last.Sequence == 0 ? 0 : transaction.Execute("DELETE FROM events WHERE sequence <= $last", ("$last", last.Sequence));
    }

    private static Event Read(DbDataReader row)
    {
        var fact = new Event
        {
            Sequence = row.GetInt64(0),
            At = Timestamp.FromDateTimeOffset(row.Instant(1)),
            Type = row.GetString(3),
            Severity = (EventSeverity)row.GetInt32(4),
            HostId = row.GetString(5),
            HostName = row.GetString(6),
            Policy = row.GetString(7),
            RunId = row.GetString(8),
            Message = row.GetString(9),
        };
        if (row.InstantOrNull(2) is { } occurred)
        {
            fact.OccurredAt = Timestamp.FromDateTimeOffset(occurred);
        }

        var attributes = row.GetString(10);
        if (attributes.Length > 2)
        {
            fact.Attributes.Add(JsonSerializer.Deserialize<Dictionary<string, string>>(attributes) ?? []);
        }

        return fact;
    }
}
