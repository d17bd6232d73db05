using System.Text.Json;
using Fleet.Agent.Storage;
using Fleet.Protocol.Edge;

namespace Fleet.Agent.Session;

/// <summary>session.json: the session that this agent had last, by which a coordinator tells a clone.</summary>
internal sealed class SessionState(string path)
{
    /// <summary>Empty if there is none, or if it cannot be read.</summary>
    public string PreviousSessionId()
    {
        try
        {
            using var json = JsonDocument.Parse(DurableFile.ReadIfExists(path) ?? "{}"u8.ToArray());
            return json.RootElement.TryGetProperty("session_id", out var id) && id.GetString() is { } text && WireNames.IsToken(text)
                ? text
                : "";
        }
        catch (Exception e) when (e is JsonException or IOException or InvalidOperationException)
        {
            return "";
        }
    }

    public void Save(string sessionId)
    {
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            writer.WriteString("session_id", sessionId);
            writer.WriteEndObject();
        }

        try
        {
            DurableFile.Write(path, json.ToArray());
        }
        catch (IOException)
        {
            // A full disk is said elsewhere; the session works without.
        }
    }
}
