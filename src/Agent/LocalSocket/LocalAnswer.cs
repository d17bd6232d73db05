using System.Text.Json;
using Fleet.Agent.History;
using LiteDB;

namespace Fleet.Agent.LocalSocket;

/// <summary>
/// Answers as JSON, the same from the running agent and from the files: {"error"}, or {"from": "agent" or "files", "notes": [...]} and
/// "runs": [...], "attempts": [...] or the members of a status.
/// </summary>
internal static class LocalAnswer
{
    public const string FromAgent = "agent";
    public const string FromFiles = "files";

    public static byte[] Problem(string text) => Write(json => json.WriteString("error", text));

    public static byte[] Runs(string from, IReadOnlyList<string> notes, IReadOnlyList<BsonDocument> runs) => Write(json =>
    {
        Head(json, from, notes);
        json.WriteStartArray("runs");
        foreach (var run in runs)
        {
            HistoryJson.Write(json, run);
        }

        json.WriteEndArray();
    });

    /// <param name="attempts">Of one run, or it is a problem.</param>
    public static byte[] Run(string from, IReadOnlyList<string> notes, string asked, IReadOnlyList<BsonDocument> attempts)
    {
        var runs = attempts.Select(a => a[HistoryDocument.Run].AsString).Distinct().ToList();
        return runs.Count > 1 ? Problem($"{runs.Count} runs begin with {asked}: give more digits, such as {runs[0]}") : Write(json =>
        {
            Head(json, from, notes);
            json.WriteString("run", runs is [var run] ? run : asked);
            json.WriteStartArray("attempts");
            foreach (var attempt in attempts)
            {
                HistoryJson.Write(json, attempt);
            }

            json.WriteEndArray();
        });
    }

    public static byte[] Status(string from, IReadOnlyList<string> notes, StatusReport report) => Write(json =>
    {
        Head(json, from, notes);
        report.WriteTo(json);
    });

    private static void Head(Utf8JsonWriter json, string from, IReadOnlyList<string> notes)
    {
        json.WriteString("from", from);
        json.WriteStartArray("notes");
        foreach (var note in notes)
        {
            json.WriteStringValue(note);
        }

        json.WriteEndArray();
    }

    private static byte[] Write(Action<Utf8JsonWriter> content)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            content(json);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }
}
