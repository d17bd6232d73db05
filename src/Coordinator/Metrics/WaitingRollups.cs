using Fleet.Coordinator.Meters;
using Fleet.Coordinator.State.Metrics;

namespace Fleet.Coordinator.Metrics;

/// <summary>Roll-ups of one host that are not yet written, by window. Bounded; not thread-safe.</summary>
internal sealed class WaitingRollups
{
    /// <summary>Most parts that may wait: a day of backlog with 300 series.</summary>
    private const int MaxPoints = 100_000;

    private readonly Dictionary<long, Dictionary<SeriesKey, RollupPoint>> _windows = [];
    private int _count;

    /// <summary>Adds a part to the waiting roll-up of its series and window; parts over the bound are dropped and counted.</summary>
    public void Add(SeriesKey key, long window, in RollupPoint point)
    {
        if (!_windows.TryGetValue(window, out var points))
        {
            _windows[window] = points = [];
        }

        if (points.TryGetValue(key, out var earlier))
        {
            earlier.Merge(point);
            points[key] = earlier;
        }
        else if (_count < MaxPoints)
        {
            points[key] = point;
            _count++;
        }
        else
        {
            CoordinatorMeter.RollupsDropped.Add(1);
        }
    }

    public void Read(Func<string, bool> nameMatches, long fromWindow, long toWindow, Action<SeriesKey, long, RollupPoint> into)
    {
        foreach (var (window, points) in _windows)
        {
            if (window < fromWindow || window > toWindow)
            {
                continue;
            }

            foreach (var (key, point) in points)
            {
                if (nameMatches(key.Name))
                {
                    into(key, window, point);
                }
            }
        }
    }

    /// <summary>Hands over every window before this one.</summary>
    public Dictionary<long, Dictionary<SeriesKey, RollupPoint>> Take(long beforeWindow)
    {
        var taken = _windows.Where(pair => pair.Key < beforeWindow).ToDictionary();
        foreach (var (window, points) in taken)
        {
            _windows.Remove(window);
            _count -= points.Count;
        }

        return taken;
    }
}
