using Fleet.Coordinator.State.Metrics;

namespace Fleet.Coordinator.Metrics;

/// <summary>What is held in memory of one series. Used under its host's lock.</summary>
internal sealed class SeriesState(SeriesKey key)
{
    public SeriesKey Key { get; } = key;

    public SeriesHistory History { get; } = new();

    /// <summary>Unix milliseconds of the newest sample.</summary>
    public long NewestAt { get; set; }

    public double NewestValue { get; set; }

    /// <summary>Window that is being summed up. <see cref="Current"/> belongs to it.</summary>
    public long CurrentWindow { get; set; } = long.MinValue;

    /// <summary>Not yet written.</summary>
    public RollupPoint Current;

    /// <summary>It was dropped because nothing came for it any more: whoever still holds it must ask for it anew.</summary>
    public bool Dropped { get; set; }
}
