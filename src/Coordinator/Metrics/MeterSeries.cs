using System.Diagnostics.Metrics;

namespace Fleet.Coordinator.Metrics;

/// <summary>The sums of one instrument for one set of tags.</summary>
internal sealed class MeterSeries(IReadOnlyList<KeyValuePair<string, string>> labels, IReadOnlyList<double> boundaries)
{
    private readonly long[] _buckets = new long[boundaries.Count + 1];

    public IReadOnlyList<KeyValuePair<string, string>> Labels { get; } = labels;

    /// <summary>Inclusive upper bounds of all buckets of a histogram but the last.</summary>
    public IReadOnlyList<double> Boundaries { get; } = boundaries;

    /// <summary>Sum of a counter or a histogram, or the newest value of a gauge.</summary>
    public double Value { get; private set; }

    /// <summary>Number of measurements of a histogram.</summary>
    public long Count { get; private set; }

    public IReadOnlyList<long> Buckets => _buckets;

    /// <summary>Whether an instrument is a histogram, a counter or a gauge.</summary>
    public static string TypeOf(Instrument instrument) => instrument switch
    {
        Histogram<double> or Histogram<long> or Histogram<int> => "histogram",
        Counter<long> or Counter<double> or Counter<int> => "counter",
        ObservableCounter<long> or ObservableCounter<double> or ObservableCounter<int> => "counter",
        _ => "gauge",
    };

    public void Record(Instrument instrument, double value)
    {
        if (instrument.IsObservable || instrument is Gauge<long> or Gauge<double> or Gauge<int>)
        {
            Value = value;
            return;
        }

        Value += value;
        Count++;
        if (Boundaries.Count > 0)
        {
            var bucket = 0;
            while (bucket < Boundaries.Count && value > Boundaries[bucket])
            {
                bucket++;
            }

            _buckets[bucket]++;
        }
    }

    public MeterSeries Copy()
    {
        var copy = new MeterSeries(Labels, Boundaries) { Value = Value, Count = Count };
        _buckets.CopyTo(copy._buckets, 0);
        return copy;
    }
}
