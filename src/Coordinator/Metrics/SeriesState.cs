using Fleet.Coordinator.State.Metrics;

namespace Fleet.Coordinator.Metrics;

/// <summary>The state of one series in memory. Used under its host's lock.</summary>
internal sealed class SeriesState(SeriesKey key)
{
    public SeriesKey Key { get; } = key;

    public SeriesHistory History { get; } = new();

    /// <summary>Unix milliseconds of the newest sample.</summary>
    public long NewestAt { get; set; }

    public double NewestValue { get; set; }

    /// <summary>The window that <see cref="Current"/> sums up.</summary>
    public long CurrentWindow { get; set; } = long.MinValue;

    /// <summary>The roll-up that is not yet complete.</summary>
    public RollupPoint Current;

    /// <summary>True once it was dropped because it got no more samples: whoever still holds it must request it again.</summary>
    public bool Dropped { get; set; }
}
