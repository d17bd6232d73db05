using Fleet.Coordinator.State.Metrics;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Metrics;

/// <summary>
/// The metrics of one host in memory: the newest values, an hour at full resolution, and roll-ups that are not yet written.
/// </summary>
internal sealed class HostMetrics(string hostId, string hostName, MetricBudget budget)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<SeriesKey, SeriesState> _series = [];
    private readonly Timeline _timeline = new();
    private readonly WaitingRollups _waiting = new();
    private long _lastBacklogAt = long.MinValue;
    private long _lastBacklogSequence;
    private string[] _failedCollectors = [];

    public string HostId { get; } = hostId;

    public string HostName { get; set; } = hostName;

    /// <summary>Batches that the agent had to drop, as it reports.</summary>
    public long DroppedBatches { get; private set; }

    /// <summary>Collectors that failed in the newest collection.</summary>
    public IReadOnlyList<string> FailedCollectors => Volatile.Read(ref _failedCollectors);

    /// <summary>The number of series held.</summary>
    public int SeriesCount
    {
        get
        {
            lock (_gate)
            {
                return _series.Count;
            }
        }
    }

    /// <summary>The series of a key, new or known; null if there is no room for another.</summary>
    public SeriesState? Find(SeriesKey key)
    {
        lock (_gate)
        {
            return FindLocked(key);
        }
    }

    /// <summary>Takes the samples of one collection.</summary>
    /// <param name="at">Unix milliseconds.</param>
    /// <param name="samples">Series as this session knows them; dropped ones are replaced by new ones.</param>
    /// <returns>The number of samples taken.</returns>
    public int Add(MetricBatch batch, long at, List<(int Slot, double Value)> samples, SeriesState?[] slots)
    {
        lock (_gate)
        {
            if (batch.Sequence != 0)
            {
                if (batch.Sequence <= _lastBacklogSequence && at <= _lastBacklogAt)
                {
                    return 0; // Sent again because the acknowledgement got lost.
                }

                _lastBacklogSequence = batch.Sequence;
                _lastBacklogAt = at;
            }

            DroppedBatches += Math.Max(0, batch.DroppedBatches);
            _failedCollectors =
            [
                .. batch.Failures.Take(64).Select(static failure => failure.Collector).Where(static name => name.Length <= 100),
            ];
            var inOrder = _timeline.Next == 0 || at >= _timeline.NewestMilliseconds + Timeline.MinSpacingMilliseconds;
            var instant = inOrder ? _timeline.Add(at) : -1;
            var window = RollupPoint.WindowOf(at);
            var taken = 0;
            foreach (var (slot, value) in samples)
            {
                var series = slots[slot];
                if (series is { Dropped: true })
                {
                    slots[slot] = series = FindLocked(series.Key);
                }

                if (series is null)
                {
                    continue;
                }

                taken++;
                if (at >= series.NewestAt)
                {
                    if (inOrder && (series.NewestAt != at || series.NewestAt == 0))
                    {
                        series.History.Add(instant, value);
                    }

                    series.NewestAt = at;
                    series.NewestValue = value;
                }

                Sum(series, window, at, value);
            }

            return taken;
        }
    }

    /// <summary>Drops samples older than an hour, and series without samples.</summary>
    public void Forget(long nowUnixMilliseconds)
    {
        lock (_gate)
        {
            var before = nowUnixMilliseconds - (long)Timeline.Keep.TotalMilliseconds;
            if (_timeline.Forget(before))
            {
                foreach (var series in _series.Values)
                {
                    series.History.Forget(_timeline.FirstBlock);
                }
            }

            foreach (var (key, series) in _series)
            {
                if (series.NewestAt < before && series.CurrentWindow == long.MinValue)
                {
                    series.Dropped = true;
                    _series.Remove(key);
                    budget.Return();
                }
            }
        }
    }

    /// <summary>Returns its share of the budget.</summary>
    public void DropAll()
    {
        lock (_gate)
        {
            foreach (var series in _series.Values)
            {
                series.Dropped = true;
                budget.Return();
            }

            _series.Clear();
        }
    }

    /// <summary>The newest value of each series that a filter matches.</summary>
    public List<(SeriesKey Key, long At, double Value)> Newest(Func<string, bool> nameMatches)
    {
        lock (_gate)
        {
            return [.. _series.Values
                .Where(series => series.NewestAt != 0 && nameMatches(series.Key.Name))
                .Select(static series => (series.Key, series.NewestAt, series.NewestValue))];
        }
    }

    /// <summary>Samples at full resolution. Stops when there are more than the given number.</summary>
    public Dictionary<SeriesKey, List<(long At, double Value)>> Read(Func<string, bool> nameMatches, long from, long to, int maxSamples)
    {
        lock (_gate)
        {
            var found = new Dictionary<SeriesKey, List<(long At, double Value)>>();
            var total = 0;
            foreach (var (key, series) in _series)
            {
                if (!nameMatches(key.Name))
                {
                    continue;
                }

                var samples = new List<(long At, double Value)>();
                series.History.Read(_timeline, from, to, samples);
                if (samples.Count > 0)
                {
                    found[key] = samples;
                }

                total += samples.Count;
                if (total > maxSamples)
                {
                    break;
                }
            }

            return found;
        }
    }

    /// <summary>Roll-ups that are not yet written, including those of windows that are not over.</summary>
    public void ReadWaiting(
        Func<string, bool> nameMatches, long fromWindow, long toWindow, Action<SeriesKey, long, RollupPoint> into)
    {
        lock (_gate)
        {
            _waiting.Read(nameMatches, fromWindow, toWindow, into);
            foreach (var (key, series) in _series)
            {
                if (series.Current.Count > 0
                    && series.CurrentWindow >= fromWindow
                    && series.CurrentWindow <= toWindow
                    && nameMatches(key.Name))
                {
                    into(key, series.CurrentWindow, series.Current);
                }
            }
        }
    }

    /// <summary>Hands over the roll-ups of every window before this one.</summary>
    public Dictionary<long, Dictionary<SeriesKey, RollupPoint>> TakeRollups(long beforeWindow)
    {
        lock (_gate)
        {
            foreach (var series in _series.Values)
            {
                if (series.CurrentWindow != long.MinValue && series.CurrentWindow < beforeWindow)
                {
                    Park(series);
                }
            }

            return _waiting.Take(beforeWindow);
        }
    }

    /// <summary>Bytes of packed samples, and the number of samples.</summary>
    public (long Bytes, long Samples) Size()
    {
        lock (_gate)
        {
            long bytes = 0, samples = 0;
            foreach (var series in _series.Values)
            {
                var size = series.History.Size();
                bytes += size.Bytes;
                samples += size.Samples;
            }

            return (bytes, samples);
        }
    }

    private SeriesState? FindLocked(SeriesKey key)
    {
        if (_series.TryGetValue(key, out var series))
        {
            return series;
        }

        if (!budget.TryTake(_series.Count))
        {
            return null;
        }

        series = new SeriesState(key);
        _series.Add(key, series);
        return series;
    }

    private void Sum(SeriesState series, long window, long at, double value)
    {
        if (window > series.CurrentWindow)
        {
            Park(series);
            series.CurrentWindow = window;
        }

        if (window == series.CurrentWindow)
        {
            series.Current.Add(at, value);
        }
        else
        {
            var late = default(RollupPoint);
            late.Add(at, value);
            _waiting.Add(series.Key, window, late);
        }
    }

    private void Park(SeriesState series)
    {
        if (series.Current.Count > 0)
        {
            _waiting.Add(series.Key, series.CurrentWindow, series.Current);
        }

        series.Current = default;
        series.CurrentWindow = long.MinValue;
    }
}
