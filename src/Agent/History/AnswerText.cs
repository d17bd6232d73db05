using System.Globalization;
using System.Text.Json;
using Fleet.Agent.Logging;

namespace Fleet.Agent.History;

/// <summary>Members of an answer as text that is safe on a terminal. Missing ones are empty.</summary>
internal static class AnswerText
{
    public static string Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? Text(value) : "";

    public static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => LogText.Escape(value.GetString() ?? ""),
        JsonValueKind.Array => string.Join(", ", value.EnumerateArray().Select(Text)),
        _ => value.GetRawText(),
    };

    /// <summary>"2026-11-30 04:00:01 +01:00", in this host's zone.</summary>
    public static string Instant(JsonElement element, string name, TimeZoneInfo zone) =>
        element.TryGetProperty(name, out var value) && value.TryGetDateTimeOffset(out var at)
            ? TimeZoneInfo.ConvertTime(at, zone).ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture)
            : "";

    /// <summary>"850 ms", "12.3 s", "4 min 5 s", "2 h 3 min" of a number of milliseconds.</summary>
    public static string Length(JsonElement element, string name)
    {
        if (!element.TryGetProperty(name, out var value) || !value.TryGetInt64(out var milliseconds))
        {
            return "";
        }

        var length = TimeSpan.FromMilliseconds(milliseconds);
        return length.TotalSeconds < 1 ? string.Create(CultureInfo.InvariantCulture, $"{milliseconds} ms")
            : length.TotalMinutes < 1 ? string.Create(CultureInfo.InvariantCulture, $"{length.TotalSeconds:0.0} s")
            : length.TotalHours < 1 ? string.Create(CultureInfo.InvariantCulture, $"{length.Minutes} min {length.Seconds} s")
            : string.Create(CultureInfo.InvariantCulture, $"{(int)length.TotalHours} h {length.Minutes} min");
    }
}
