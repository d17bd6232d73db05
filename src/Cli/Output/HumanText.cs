using System.Globalization;
using System.Text;
using Fleet.Protocol.Edge;
using Fleet.Yaml;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Cli.Output;

/// <summary>Formats numbers, times and names for people.</summary>
internal static class HumanText
{
    /// <inheritdoc cref="SizeText.Approximate"/>
    public static string Bytes(double bytes) => SizeText.Approximate(bytes);

    /// <summary>A length of time in its two largest units: <c>3d4h</c>, <c>1m5s</c>; below a second <c>250ms</c>.</summary>
    public static string Span(TimeSpan span)
    {
        var sign = span < TimeSpan.Zero ? "-" : "";
        span = span.Duration();
        var text = span switch
        {
            { TotalDays: >= 1 } => Two((long)span.TotalDays, "d", span.Hours, "h"),
            { TotalHours: >= 1 } => Two(span.Hours, "h", span.Minutes, "m"),
            { TotalMinutes: >= 1 } => Two(span.Minutes, "m", span.Seconds, "s"),
            { TotalSeconds: >= 10 } => $"{span.Seconds}s",
            { TotalSeconds: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(span.TotalSeconds * 10) / 10:0.#}s"),
            _ => $"{span.Milliseconds}ms",
        };
        return sign + text;

        static string Two(long a, string unitA, long b, string unitB) => b == 0 ? $"{a}{unitA}" : $"{a}{unitA}{b}{unitB}";
    }

    public static string Span(Duration? span) => WireTime.SpanOf(span) is { } known ? Span(known) : "";

    /// <summary><c>3m ago</c>, <c>in 12m</c>, <c>now</c>; empty without an instant.</summary>
    public static string Relative(Timestamp? at, DateTimeOffset now)
    {
        if (WireTime.InstantOf(at) is not { } instant)
        {
            return "";
        }

        var age = now - instant;
        return age.Duration() < TimeSpan.FromSeconds(1)
            ? "now"
            : age > TimeSpan.Zero ? $"{Span(Whole(age))} ago" : $"in {Span(Whole(-age))}";

        static TimeSpan Whole(TimeSpan span) => TimeSpan.FromSeconds(Math.Floor(span.TotalSeconds));
    }

    /// <summary>Local time, to the second: <c>2026-11-20 20:55:33</c>; empty without an instant.</summary>
    public static string Instant(Timestamp? at, TimeProvider time) =>
        WireTime.InstantOf(at) is not { } instant
            ? ""
            : TimeZoneInfo.ConvertTime(instant, time.LocalTimeZone).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>Local time and how long ago: <c>2026-11-20 20:55:33 (3m ago)</c>; empty without an instant.</summary>
    public static string InstantAndAge(Timestamp? at, TimeProvider time) =>
        at is null ? "" : $"{Instant(at, time)} ({Relative(at, time.GetUtcNow())})";

    /// <summary>An enum's value in words: <c>NeverRan</c> is "never ran".</summary>
    public static string Words<T>(T value)
        where T : struct, System.Enum
    {
        var name = value.ToString();
        if (name.Length > 0 && char.IsAsciiDigit(name[0]))
        {
            return $"unknown ({name})";
        }

        var words = new StringBuilder();
        foreach (var c in name)
        {
            if (char.IsAsciiLetterUpper(c) && words.Length > 0)
            {
                words.Append(' ');
            }

            words.Append(char.ToLowerInvariant(c));
        }

        return words.ToString();
    }

    public static string Labels(IEnumerable<KeyValuePair<string, string>> labels) =>
        string.Join(' ', labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}={l.Value}"));

    public static string Count(long count, string one, string? many = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : many ?? one + "s")}");
}
