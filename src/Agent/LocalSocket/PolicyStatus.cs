using System.Text.Json;
using Fleet.Agent.Edge;
using Fleet.Agent.History;
using Fleet.Schedules;
using LiteDB;

namespace Fleet.Agent.LocalSocket;

/// <summary>One policy of this host.</summary>
/// <param name="Next">When it is due next by this host's clock. Null if it is paused, or runs on demand only.</param>
/// <param name="Last">Its newest attempt here. Null if the history knows none.</param>
internal sealed record PolicyStatus(string Name, bool Paused, DateTimeOffset? Next, BsonDocument? Last)
{
    /// <param name="hostId">Shifts the schedule. Empty if not enrolled, and nothing is due.</param>
    public static PolicyStatus Of(HostPolicy policy, string hostId, DateTimeOffset now, IReadOnlyDictionary<string, BsonDocument> last) =>
        new(
        policy.Name,
        policy.Paused,
        policy is { Paused: false, Every: { } every } && hostId.Length > 0
            ? new IntervalSchedule(every, ScheduleSpread.Offset(policy.Name, hostId, policy.SpreadBound)).NextAfter(now)
            : null,
        last.GetValueOrDefault(policy.Name));

    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("name", Name);
        json.WriteBoolean("paused", Paused);
        if (Next is { } next)
        {
            json.WriteString("next", next.UtcDateTime);
        }

        if (Last is { } last)
        {
            json.WritePropertyName("last");
            HistoryJson.Write(json, last);
        }

        json.WriteEndObject();
    }
}
