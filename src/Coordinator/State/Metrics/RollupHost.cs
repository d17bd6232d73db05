using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Metrics;

/// <summary>The series of one host, as numbered in metrics.db.</summary>
internal sealed class RollupHost(int number)
{
    /// <summary>Most series in 30 days that are kept: a label with ever new values must not fill the disk.</summary>
    public const int MaxSeries = 20_000;

    private readonly Dictionary<SeriesKey, int> _numbers = [];
    private readonly Dictionary<int, SeriesKey> _keys = [];
    private readonly Dictionary<int, long> _seen = [];
    private int _next = 1;

    public int Number { get; } = number;

    public int Count => _numbers.Count;

    /// <summary>Key of a window's row.</summary>
    public long RowKey(long window) => ((long)Number << 32) + window;

    public SeriesKey? KeyOf(int number) => _keys.GetValueOrDefault(number);

    /// <summary>Adds a series that is already stored.</summary>
    public void Add(int number, MetricSeries series, long seenWindow)
    {
        if (SeriesKey.From(series) is { } key)
        {
            _numbers[key] = number;
            _keys[number] = key;
            _seen[number] = seenWindow;
        }

        _next = Math.Max(_next, number + 1);
    }

    /// <summary>The number of a series, new or known; null if there is no room for another.</summary>
    /// <param name="isNew">Whether the series, or its current day, is not stored yet; see <see cref="RollupTables"/>.</param>
    public int? NumberOf(SeriesKey key, long window, out bool isNew)
    {
        const long Day = 86_400 / RollupPoint.WindowSeconds;
        if (!_numbers.TryGetValue(key, out var number))
        {
            isNew = true;
            if (_numbers.Count >= MaxSeries)
            {
                return null;
            }

            number = _next++;
            _numbers[key] = number;
            _keys[number] = key;
            _seen[number] = window;
            return number;
        }

        isNew = window >= _seen[number] + Day;
        if (isNew)
        {
            _seen[number] = window;
        }

        return number;
    }

    /// <summary>Removes series that have not been seen since a window.</summary>
    public void Forget(long beforeWindow)
    {
        foreach (var (number, seen) in _seen)
        {
            if (seen < beforeWindow)
            {
                _numbers.Remove(_keys[number]);
                _keys.Remove(number);
                _seen.Remove(number);
            }
        }
    }
}
