using System.Globalization;
using System.IO.Pipelines;
using System.Text;

namespace Fleet.Coordinator.Metrics;

/// <summary>
/// Writes the Prometheus text exposition format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats) incrementally,
/// without holding more than a few kilobytes.
/// </summary>
internal sealed class PrometheusText(PipeWriter writer)
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";
    private const int FlushAbove = 32 * 1024;

    /// <summary>Begins a family: all its samples must follow before the next family.</summary>
    /// <param name="type">"counter", "gauge", "histogram" or "untyped".</param>
    public void Family(string name, string type, string help)
    {
        if (help.Length > 0)
        {
            Write($"# HELP {name} {EscapeHelp(help)}\n");
        }

        Write($"# TYPE {name} {type}\n");
    }

    public void Sample(string name, IEnumerable<KeyValuePair<string, string>> labels, double value)
    {
        Write(name);
        var first = true;
        foreach (var (label, text) in labels)
        {
            Write(first ? "{" : ",");
            first = false;
            Write(label);
            Write("=\"");
            Write(EscapeLabel(text));
            Write("\"");
        }

        Write(first ? " " : "} ");
        Write(Number(value));
        Write("\n");
    }

    /// <summary>Flushes what was written, once there is enough of it.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellationToken, bool force = false)
    {
        if (force || writer.UnflushedBytes > FlushAbove)
        {
            await writer.FlushAsync(cancellationToken);
        }
    }

    /// <summary>
    /// Escapes backslash, quote and line feed in label values; other control characters, for which there is no escape, become U+FFFD.
    /// </summary>
    public static string EscapeLabel(string text) => Escape(text, quotes: true);

    /// <summary>Escapes backslash and line feed in help texts; other control characters as in label values.</summary>
    public static string EscapeHelp(string text) => Escape(text, quotes: false);

    public static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string Escape(string text, bool quotes)
    {
        StringBuilder? escaped = null;
        for (var i = 0; i < text.Length; i++)
        {
            var with = text[i] switch
            {
                '\\' => "\\\\",
                '\n' => "\\n",
                '"' when quotes => "\\\"",

                // Line separators, too: programs differ in what they take for a line break.
                var c when char.IsControl(c) || c is '\u2028' or '\u2029' => "\uFFFD",
                _ => null,
            };
            if (with is not null)
            {
                escaped ??= new StringBuilder(text, 0, i, text.Length + 16);
            }

            _ = with is null ? escaped?.Append(text[i]) : escaped!.Append(with);
        }

        return escaped?.ToString() ?? text;
    }

    private void Write(string text) => Encoding.UTF8.GetBytes(text, writer);
}
