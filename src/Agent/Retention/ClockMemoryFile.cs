using System.Text.Json;
using Fleet.Agent.Storage;
using Fleet.Protocol.Edge;
using Fleet.Schedules.Retention.Clock;

namespace Fleet.Agent.Retention;

/// <summary>clock.json: what the clock guard remembers from pass to pass.</summary>
internal sealed class ClockMemoryFile(string path)
{
    /// <summary>Empty if there is none.</summary>
    /// <exception cref="IOException">It is there and cannot be read: whether the clock jumped is not known.</exception>
    public ClockMemory Read()
    {
        if (DurableFile.ReadIfExists(path) is not { } content)
        {
            return ClockMemory.Empty;
        }

        try
        {
            using var json = JsonDocument.Parse(content);
            return new ClockMemory(Reading(json.RootElement, "trusted"), Reading(json.RootElement, "suspect"));
        }
        catch (Exception e) when (
            e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException
                or OverflowException or ArgumentException)
        {
            throw new IOException($"{path} was not understood: check the clock, then remove the file", e);
        }
    }

    /// <exception cref="IOException">The old one stays.</exception>
    public void Write(ClockMemory memory)
    {
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            Write(writer, "trusted", memory.Trusted);
            Write(writer, "suspect", memory.Suspect);
            writer.WriteEndObject();
        }

        DurableFile.Write(path, json.ToArray());
    }

    private static void Write(Utf8JsonWriter writer, string name, ClockReading? reading)
    {
        if (reading is not null)
        {
            writer.WriteStartObject(name);
            writer.WriteString("wall", reading.Wall.ToUniversalTime());
            writer.WriteNumber("since_boot_seconds", reading.SinceBoot.TotalSeconds);
            writer.WriteString("boot_id", reading.BootId);
            writer.WriteEndObject();
        }
    }

    private static ClockReading? Reading(JsonElement memory, string name) =>
        memory.TryGetProperty(name, out var reading)
            ? new ClockReading(
                reading.GetProperty("wall").GetDateTimeOffset() is var wall && wall >= WireTime.Earliest && wall < WireTime.Latest
                    ? wall : throw new FormatException("the clock never said so"),
                TimeSpan.FromSeconds(reading.GetProperty("since_boot_seconds").GetDouble()) is var up
                    && up >= TimeSpan.Zero
                    && up < WireTime.Longest
                    ? up : throw new FormatException("no host runs for so long"),
                reading.GetProperty("boot_id").GetString() ?? "")
            : null;
}
