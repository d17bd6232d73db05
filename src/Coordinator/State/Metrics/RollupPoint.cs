namespace Fleet.Coordinator.State.Metrics;

/// <summary>The summary of a series in one window of five minutes. Parts of the same window can be combined.</summary>
internal struct RollupPoint
{
    /// <summary>Length of a window.</summary>
    public const int WindowSeconds = 300;

    /// <summary>Number of samples that were not NaN. 0 if there is none yet.</summary>
    public int Count;
    public double Sum;
    public double Min;
    public double Max;

    /// <summary>The newest value.</summary>
    public double Last;

    /// <summary>Unix milliseconds of the newest value.</summary>
    public long LastAt;

    public readonly double Mean => Sum / Count;

    /// <summary>Number of the window that an instant falls into: Unix time divided by 300 s.</summary>
    public static long WindowOf(long unixMilliseconds) => Math.DivRem(unixMilliseconds, WindowSeconds * 1000L).Quotient;

    public void Add(long unixMilliseconds, double value)
    {
        if (!double.IsFinite(value))
        {
            return; // One NaN would make the mean of the whole window one.
        }

        var one = new RollupPoint { Count = 1, Sum = value, Min = value, Max = value, Last = value, LastAt = unixMilliseconds };
        Merge(one);
    }

    /// <summary>Adds another part of the same window.</summary>
    public void Merge(in RollupPoint other)
    {
        if (other.Count == 0)
        {
            return;
        }

        if (Count == 0)
        {
            this = other;
            return;
        }

        Count += other.Count;
        Sum += other.Sum;
        Min = Math.Min(Min, other.Min);
        Max = Math.Max(Max, other.Max);
        if (other.LastAt >= LastAt)
        {
            Last = other.Last;
            LastAt = other.LastAt;
        }
    }
}
