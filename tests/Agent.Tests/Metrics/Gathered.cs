using System.Globalization;
using System.Text;
using Fleet.Agent.Metrics;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Metrics;

/// <summary>A writer whose values are read back as Prometheus writes series: name{label="value"}.</summary>
internal sealed class Gathered
{
    private readonly SeriesTable _table = new();

    public Gathered() => Writer = new MetricWriter(_table);

    public MetricWriter Writer { get; }

    public IReadOnlyList<MetricSeries> Series => [.. Writer.Numbers.ToArray().Select(n => _table[n])];

    public IReadOnlyList<string> Names => [.. Series.Select(Key)];

    public double this[string series] => Values[series];

    /// <summary>Throws when a series was written twice.</summary>
    public IReadOnlyDictionary<string, double> Values
    {
        get
        {
            var values = Writer.Values.ToArray();
            return Names.Select((n, i) => (n, values[i])).ToDictionary(p => p.n, p => p.Item2, StringComparer.Ordinal);
        }
    }

    public async Task<Gathered> CollectAsync(ICollector collector)
    {
        Writer.Clear();
        await collector.CollectAsync(Writer, TestContext.Current.CancellationToken);
        return this;
    }

    public static async Task<Gathered> FromAsync(ICollector collector)
    {
        using var disposable = collector as IDisposable;
        return await new Gathered().CollectAsync(collector);
    }

    private static string Key(MetricSeries series)
    {
        var key = new StringBuilder(series.Name);
        foreach (var (label, value) in series.Labels.OrderBy(l => l.Key, StringComparer.Ordinal))
        {
            key.Append(CultureInfo.InvariantCulture, $"{(key.Length == series.Name.Length ? '{' : ',')}{label}={value}");
        }

        return key.Length == series.Name.Length ? key.ToString() : key.Append('}').ToString();
    }
}
