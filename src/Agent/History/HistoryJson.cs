using System.Globalization;
using System.Text.Json;
using LiteDB;

namespace Fleet.Agent.History;

/// <summary>Attempts as JSON: the keys of <see cref="HistoryDocument"/> without those that only the files need.</summary>
internal static class HistoryJson
{
    public static void Write(Utf8JsonWriter json, BsonDocument document)
    {
        json.WriteStartObject();
        foreach (var (key, value) in document)
        {
            if (key is not (HistoryDocument.Id or HistoryDocument.PolicyAt))
            {
                json.WritePropertyName(key);
                Write(json, value);
            }
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, BsonValue value)
    {
        switch (value.Type)
        {
            case BsonType.Document:
                Write(json, value.AsDocument);
                break;
            case BsonType.Array:
                json.WriteStartArray();
                foreach (var item in value.AsArray)
                {
                    Write(json, item);
                }

                json.WriteEndArray();
                break;
            case BsonType.Int32 or BsonType.Int64:
                json.WriteNumberValue(value.AsInt64);
                break;
            case BsonType.Boolean:
                json.WriteBooleanValue(value.AsBoolean);
                break;
            case BsonType.DateTime:
                json.WriteStringValue(
                    value.AsDateTime.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
                break;
            case BsonType.String:
                json.WriteStringValue(value.AsString);
                break;
            default:
                // No document of this agent has one.
                json.WriteNullValue();
                break;
        }
    }
}
