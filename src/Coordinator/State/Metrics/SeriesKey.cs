using System.Collections.Concurrent;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Metrics;

/// <summary>
/// A series of one host: its name and its labels, sorted by name. The kind is part of it, but does not distinguish two series.
/// </summary>
internal sealed class SeriesKey : IEquatable<SeriesKey>
{
    private const int MaxName = 200;
    private const int MaxLabels = 32;
    private const int MaxLabelName = 100;
    private const int MaxLabelValue = 1_024;

    /// <summary>Interned texts: a thousand hosts have the same ones. Bounded.</summary>
    private const int MaxShared = 200_000;
    private static readonly ConcurrentDictionary<string, string> Shared = new(StringComparer.Ordinal);

    private readonly int _hash;

    private SeriesKey(string name, KeyValuePair<string, string>[] labels, MetricKind kind)
    {
        Name = name;
        Labels = labels;
        Kind = kind;
        var hash = default(HashCode);
        hash.Add(name, StringComparer.Ordinal);
        foreach (var (label, value) in labels)
        {
            hash.Add(label, StringComparer.Ordinal);
            hash.Add(value, StringComparer.Ordinal);
        }

        _hash = hash.ToHashCode();
    }

    public string Name { get; }

    public IReadOnlyList<KeyValuePair<string, string>> Labels { get; }

    public MetricKind Kind { get; }

    /// <summary>Null if it breaks the rules for names (prometheus.io/docs/concepts/data_model) or our limits.</summary>
    public static SeriesKey? From(MetricSeries? series)
    {
        if (series is null
            || series.Kind is not (MetricKind.Gauge or MetricKind.Counter)
            || series.Labels.Count > MaxLabels
            || !IsName(series.Name, MaxName, colons: true))
        {
            return null;
        }

        foreach (var (label, value) in series.Labels)
        {
            if (!IsName(label, MaxLabelName, colons: false)
                || label.StartsWith("__", StringComparison.Ordinal)
                || value.Length > MaxLabelValue)
            {
                return null;
            }
        }

        var labels = series.Labels
            .Select(static pair => KeyValuePair.Create(Share(pair.Key), Share(pair.Value)))
            .OrderBy(static pair => pair.Key, StringComparer.Ordinal)
            .ToArray();
        return new SeriesKey(Share(series.Name), labels, series.Kind);
    }

    public MetricSeries ToProto()
    {
        var series = new MetricSeries { Name = Name, Kind = Kind };
        foreach (var (label, value) in Labels)
        {
            series.Labels.Add(label, value);
        }

        return series;
    }

    public bool Equals(SeriesKey? other)
    {
        if (other is null || other._hash != _hash || other.Name != Name || other.Labels.Count != Labels.Count)
        {
            return false;
        }

        for (var i = 0; i < Labels.Count; i++)
        {
            if (Labels[i].Key != other.Labels[i].Key || Labels[i].Value != other.Labels[i].Value)
            {
                return false;
            }
        }

        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as SeriesKey);

    public override int GetHashCode() => _hash;

    private static bool IsName(string text, int max, bool colons)
    {
        if (text.Length is 0 || text.Length > max || char.IsAsciiDigit(text[0]))
        {
            return false;
        }

        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_' && !(colons && c == ':'))
            {
                return false;
            }
        }

        return true;
    }

    private static string Share(string text) =>
        Shared.TryGetValue(text, out var shared) ? shared : Shared.Count < MaxShared ? Shared.GetOrAdd(text, text) : text;
}
