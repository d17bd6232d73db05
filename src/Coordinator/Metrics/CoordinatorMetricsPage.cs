using System.Diagnostics.Metrics;
using System.Globalization;

namespace Fleet.Coordinator.Metrics;

/// <summary>/metrics: the coordinator's metrics about itself.</summary>
internal sealed class CoordinatorMetricsPage(MeterSnapshot snapshot, FleetGauges gauges)
{
    public async Task WriteAsync(HttpContext context)
    {
        await gauges.RefreshIfOlderAsync(TimeSpan.FromSeconds(5), context.RequestAborted);
        context.Response.ContentType = PrometheusText.ContentType;
        var text = new PrometheusText(context.Response.BodyWriter);
        foreach (var (instrument, series) in snapshot.Read())
        {
            if (series.Count == 0)
            {
                continue;
            }

            var type = MeterSeries.TypeOf(instrument);
            var name = NameOf(instrument, type);
            text.Family(name, type, instrument.Description ?? "");
            foreach (var one in series)
            {
                var labels = one.Labels.Select(static label => KeyValuePair.Create(Plain(label.Key), label.Value)).ToList();
                if (type == "histogram")
                {
                    Histogram(text, name, labels, one);
                }
                else
                {
                    text.Sample(name, labels, one.Value);
                }
            }

            await text.FlushAsync(context.RequestAborted);
        }

        await text.FlushAsync(context.RequestAborted, force: true);
    }

    /// <summary>Converts OpenTelemetry's names by its rules for Prometheus: with the unit and "_total" at the end.</summary>
    public static string NameOf(Instrument instrument, string type)
    {
        var name = Plain(instrument.Name);
        var unit = instrument.Unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            _ => "",
        };
        name = name.EndsWith(unit, StringComparison.Ordinal) ? name : name + unit;
        return type == "counter" ? name + "_total" : name;
    }

    private static void Histogram(PrometheusText text, string name, List<KeyValuePair<string, string>> labels, MeterSeries series)
    {
        long below = 0;
        for (var i = 0; i < series.Boundaries.Count; i++)
        {
            below += series.Buckets[i];
            var bound = series.Boundaries[i].ToString("R", CultureInfo.InvariantCulture);
            text.Sample(name + "_bucket", labels.Append(KeyValuePair.Create("le", bound)), below);
        }

        text.Sample(name + "_bucket", labels.Append(KeyValuePair.Create("le", "+Inf")), series.Count);
        text.Sample(name + "_sum", labels, series.Value);
        text.Sample(name + "_count", labels, series.Count);
    }

    private static string Plain(string name) => string.Concat(name.Select(static c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
}
