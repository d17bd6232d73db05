namespace Fleet.LoadGenerator;

/// <summary>Times from a scheduled instant to the arrival of the run at its agent.</summary>
internal sealed class RunTimes
{
    private readonly List<TimeSpan> _times = [];

    public int Count
    {
        get
        {
            lock (_times)
            {
                return _times.Count;
            }
        }
    }

    public void Add(TimeSpan time)
    {
        lock (_times)
        {
            _times.Add(time);
        }
    }

    public void Clear()
    {
        lock (_times)
        {
            _times.Clear();
        }
    }

    /// <param name="share">0 to 1.</param>
    public TimeSpan Quantile(double share)
    {
        lock (_times)
        {
            _times.Sort();
            return _times.Count == 0 ? TimeSpan.Zero : _times[Math.Min((int)(share * _times.Count), _times.Count - 1)];
        }
    }
}
