using System.Globalization;
using System.Text.Json;
using Fleet.Agent.History;

namespace Fleet.Agent.LocalSocket;

/// <summary>
/// What somebody on this host asks: {"ask": "runs", "policy", "state", "action", "since", "until", "limit"}, {"ask": "run", "id"} or
/// {"ask": "status"}.
/// </summary>
internal sealed record LocalQuestion
{
    public const string Runs = "runs";
    public const string Run = "run";
    public const string Status = "status";

    public const string NoId = "give a run's id, or the first 8 or more of its 32 lower-case hex digits";

    private const int FewestDigits = 8;
    private const int MostDigits = 32;

    private LocalQuestion()
    {
    }

    public required string Ask { get; init; }

    /// <summary>Of "runs".</summary>
    public HistoryFilter Filter { get; init; } = HistoryFilter.Any;

    /// <summary>Of "run": its id, or how it begins.</summary>
    public string RunId { get; init; } = "";

    public static LocalQuestion OfStatus { get; } = new() { Ask = Status };

    public static LocalQuestion OfRuns(HistoryFilter filter) => new() { Ask = Runs, Filter = filter };

    /// <summary>Null if these are not the first digits of a run's id.</summary>
    public static LocalQuestion? OfRun(string id) =>
        id.Length is >= FewestDigits and <= MostDigits && id.All(char.IsAsciiHexDigitLower) ? new() { Ask = Run, RunId = id } : null;

    /// <summary>Null if it cannot be answered, for that reason. Safe to show.</summary>
    public static LocalQuestion? Read(ReadOnlySpan<byte> json, out string problem)
    {
        problem = "";
        try
        {
            using var document = JsonDocument.Parse(json.ToArray(), new JsonDocumentOptions { MaxDepth = 4 });
            var root = document.RootElement;
            switch (Text(root, "ask"))
            {
                case Status:
                    return OfStatus;
                case Run:
                    var run = OfRun(Text(root, "id"));
                    problem = run is null ? NoId : "";
                    return run;
                case Runs:
                    var limit = root.TryGetProperty("limit", out var number) ? number.GetInt32() : HistoryFilter.DefaultLimit;
                    var filter = new HistoryFilter(
                        Text(root, "policy"), Text(root, "state"), Text(root, "action"), Instant(root, "since"), Instant(root, "until"),
                        limit);
                    problem = filter.Problem;
                    return problem.Length > 0 ? null : OfRuns(filter);
                default:
                    problem = "this agent does not know the request: if fleet-agent was upgraded, restart it";
                    return null;
            }
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            problem = "the question is not well formed";
            return null;
        }
    }

    public byte[] ToJson()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteString("ask", Ask);
            if (Ask == Run)
            {
                writer.WriteString("id", RunId);
            }
            else if (Ask == Runs)
            {
                writer.WriteString("policy", Filter.Policy);
                writer.WriteString("state", Filter.State);
                writer.WriteString("action", Filter.Action);
                Write(writer, "since", Filter.Since);
                Write(writer, "until", Filter.Until);
                writer.WriteNumber("limit", Filter.Limit);
            }

            writer.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static string Text(JsonElement root, string name) => root.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";

    private static DateTimeOffset? Instant(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value)
            ? DateTimeOffset.Parse(value.GetString() ?? "", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal)
            : null;

    private static void Write(Utf8JsonWriter writer, string name, DateTimeOffset? value)
    {
        if (value is { } instant)
        {
            writer.WriteString(name, instant.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
        }
    }
}
