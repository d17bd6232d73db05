namespace Fleet.Coordinator.Metrics;

/// <summary>
/// Limits the number of series, per host and in total: a label with ever new values must not use up the coordinator's memory.
/// </summary>
internal sealed class MetricBudget(int perHost = MetricBudget.StandardPerHost, int total = MetricBudget.StandardTotal)
{
    public const int StandardPerHost = 5_000;
    public const int StandardTotal = 500_000;

    private int _taken;

    /// <summary>Series of all hosts.</summary>
    public int Taken => Volatile.Read(ref _taken);

    /// <param name="ofHost">How many series the host has.</param>
    public bool TryTake(int ofHost)
    {
        if (ofHost >= perHost)
        {
            return false;
        }

        if (Interlocked.Increment(ref _taken) > total)
        {
            Interlocked.Decrement(ref _taken);
            return false;
        }

        return true;
    }

    public void Return() => Interlocked.Decrement(ref _taken);
}
