using System.Diagnostics.Metrics;

namespace Fleet.Coordinator.Metrics;

/// <summary>Listens to the coordinator's meters and keeps sums, so that /metrics can show them.</summary>
internal sealed class MeterSnapshot : IHostedService, IDisposable
{
    /// <summary>Most combinations of tags per instrument; further ones are not shown.</summary>
    private const int MaxTagSets = 1_000;

    private readonly Lock _gate = new();
    private readonly Meter[] _meters;
    private readonly MeterListener _listener = new();
    private readonly Dictionary<Instrument, Dictionary<string, MeterSeries>> _series = [];

    /// <param name="meters">The meters to listen to: a process with two coordinators, as in tests, has some twice.</param>
    public MeterSnapshot(params Meter[] meters)
    {
        _meters = meters;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (Array.IndexOf(_meters, instrument.Meter) >= 0)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>The current series of every instrument.</summary>
    public IReadOnlyList<(Instrument Instrument, IReadOnlyList<MeterSeries> Series)> Read()
    {
        lock (_gate)
        {
            // Observed instruments report only current values; series that are gone must not remain.
            foreach (var (instrument, series) in _series)
            {
                if (instrument.IsObservable)
                {
                    series.Clear();
                }
            }
        }

        _listener.RecordObservableInstruments();
        lock (_gate)
        {
            return
            [
                .. _series
                    .OrderBy(static pair => pair.Key.Name, StringComparer.Ordinal)
                    .Select(static pair =>
                        (pair.Key, (IReadOnlyList<MeterSeries>)[.. pair.Value.Values.Select(static series => series.Copy())])),
            ];
        }
    }

    /// <summary>A hosted service only so that it listens from the start, not from the first scrape.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _listener.Dispose();

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var key = "";
        foreach (var (name, tag) in tags)
        {
            key += $"{name}\0{tag}\0";
        }

        lock (_gate)
        {
            if (!_series.TryGetValue(instrument, out var all))
            {
                _series[instrument] = all = new(StringComparer.Ordinal);
            }

            if (!all.TryGetValue(key, out var series))
            {
                if (all.Count >= MaxTagSets)
                {
                    return;
                }

                var labels = new List<KeyValuePair<string, string>>();
                foreach (var (name, tag) in tags)
                {
                    labels.Add(KeyValuePair.Create(name, tag?.ToString() ?? ""));
                }

                all[key] = series = new MeterSeries(labels, Boundaries(instrument));
            }

            series.Record(instrument, value);
        }
    }

    private static IReadOnlyList<double> Boundaries(Instrument instrument) => instrument switch
    {
        Histogram<double> histogram => histogram.Advice?.HistogramBucketBoundaries ?? [],
        Histogram<long> histogram => [.. (histogram.Advice?.HistogramBucketBoundaries ?? []).Select(static bound => (double)bound)],
        _ => [],
    };
}
