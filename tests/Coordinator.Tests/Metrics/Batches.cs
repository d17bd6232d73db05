using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.Tests.Metrics;

/// <summary>Batches as an agent sends them.</summary>
internal static class Batches
{
    /// <summary>One collection that defines all its series, numbered from 1.</summary>
    public static MetricBatch Of(DateTimeOffset at, params ReadOnlySpan<(string Name, double Value)> samples)
    {
        var batch = new MetricBatch { CollectedAt = at.ToTimestamp() };
        foreach (var (name, value) in samples)
        {
            var number = (uint)batch.Series.Count + 1;
            batch.Definitions.Add(Definition(number, name));
            batch.Series.Add(number);
            batch.Values.Add(value);
        }

        return batch;
    }

    public static SeriesDefinition Definition(uint number, string name, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        var kind = name.EndsWith("_total", StringComparison.Ordinal) ? MetricKind.Counter : MetricKind.Gauge;
        var series = new MetricSeries { Name = name, Kind = kind };
        foreach (var (label, value) in labels)
        {
            series.Labels.Add(label, value);
        }

        return new SeriesDefinition { Number = number, Series = series };
    }
}
