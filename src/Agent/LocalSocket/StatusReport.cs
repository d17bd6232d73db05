using System.Text.Json;
using Fleet.Agent.History;
using Fleet.Protocol.V1;

namespace Fleet.Agent.LocalSocket;

/// <summary>How an agent stands: `fleet-agent status`.</summary>
internal sealed record StatusReport
{
    public required string Version { get; init; }

    /// <summary>Empty if not enrolled.</summary>
    public required string HostName { get; init; }

    public required string HostId { get; init; }

    public required string StateDirectory { get; init; }

    public required bool Connected { get; init; }

    /// <summary>What it says of its connection, as systemctl status does.</summary>
    public required string Connection { get; init; }

    /// <summary>Addresses that are tried.</summary>
    public required IReadOnlyList<string> Coordinators { get; init; }

    /// <summary>Why no run can start. Empty if they can.</summary>
    public required string StateError { get; init; }

    /// <summary>Null if the agent does not run.</summary>
    public required IReadOnlyList<RunAttempt>? Active { get; init; }

    public required IReadOnlyList<PolicyStatus> Policies { get; init; }

    /// <summary>What the coordinator has not acknowledged; of an agent that does not run, the size of the file. Unit: bytes.</summary>
    public required long OutboxBytes { get; init; }

    public required HistoryStatus History { get; init; }

    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteString("version", Version);
        json.WriteString("host", HostName);
        json.WriteString("host_id", HostId);
        json.WriteString("state_directory", StateDirectory);
        json.WriteStartObject("connection");
        json.WriteBoolean("connected", Connected);
        json.WriteString("says", Connection);
        json.WriteStartArray("coordinators");
        foreach (var address in Coordinators)
        {
            json.WriteStringValue(address);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteString("state_error", StateError);
        if (Active is { } active)
        {
            json.WriteStartArray("active");
            foreach (var attempt in active)
            {
                json.WriteStartObject();
                json.WriteString("run", attempt.RunId);
                json.WriteNumber("attempt", attempt.Attempt);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteStartArray("policies");
        foreach (var policy in Policies)
        {
            policy.WriteTo(json);
        }

        json.WriteEndArray();
        json.WriteNumber("outbox_bytes", OutboxBytes);
        json.WritePropertyName("history");
        History.WriteTo(json);
    }
}
