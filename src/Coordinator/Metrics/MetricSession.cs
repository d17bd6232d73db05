using Fleet.Coordinator.Meters;
using Fleet.Coordinator.State.Metrics;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Metrics;

/// <summary>One agent's stream of metrics: turns its series numbers into series.</summary>
internal sealed partial class MetricSession(HostMetrics host, MetricEvents events, TimeProvider clock, ILogger log) : IMetricSession
{
    /// <summary>The limit of SeriesDefinition.number in proto/fleet/v1/metrics.proto.</summary>
    private const int MaxNumber = 100_000;

    /// <summary>For live samples, a clock that is off by more than this is not trusted.</summary>
    private static readonly TimeSpan MaxSkew = TimeSpan.FromMinutes(10);

    /// <summary>Buffered samples that are older than the roll-ups are of no use.</summary>
    private static readonly TimeSpan MaxAge = TimeSpan.FromDays(31);

    private readonly List<(int Slot, double Value)> _samples = [];
    private SeriesState?[] _slots = new SeriesState?[256];
    private bool _refusalTold;

    public void Accept(MetricBatch batch)
    {
        var refused = Define(batch);
        if (refused > 0)
        {
            CoordinatorMeter.SeriesRefused.Add(refused);
            TellRefusal(refused);
        }

        if (InstantOf(batch) is not { } at)
        {
            return;
        }

        _samples.Clear();
        var count = Math.Min(batch.Series.Count, batch.Values.Count);
        for (var i = 0; i < count; i++)
        {
            if (batch.Series[i] is var number && number < _slots.Length && _slots[number] is not null)
            {
                _samples.Add(((int)number, batch.Values[i]));
            }
        }

        var taken = host.Add(batch, at, _samples, _slots);
        CoordinatorMeter.SamplesTaken.Add(taken);
        CoordinatorMeter.SamplesDropped.Add(Math.Max(batch.Series.Count, batch.Values.Count) - taken);
    }

    public void Dispose() => _slots = [];

    private int Define(MetricBatch batch)
    {
        var refused = 0;
        foreach (var definition in batch.Definitions)
        {
            var number = definition.Number;
            if (number is 0 or > MaxNumber || SeriesKey.From(definition.Series) is not { } key)
            {
                refused++;
                continue;
            }

            if (number >= _slots.Length)
            {
                Array.Resize(ref _slots, (int)Math.Min(MaxNumber + 1, Math.Max(number + 1, _slots.Length * 2L)));
            }

            _slots[number] = host.Find(key);
            if (_slots[number] is null)
            {
                refused++;
            }
        }

        return refused;
    }

    /// <summary>Unix milliseconds; null if too old to be of use.</summary>
    private long? InstantOf(MetricBatch batch)
    {
        var now = clock.GetUtcNow();
        DateTimeOffset collected;
        try
        {
            collected = batch.CollectedAt?.ToDateTimeOffset() ?? now;
        }
        catch (InvalidOperationException)
        {
            collected = now; // Out of the range of Timestamp.
        }

        if (collected > now + MaxSkew || (batch.Sequence == 0 && collected < now - MaxSkew))
        {
            collected = now;
        }

        return collected < now - MaxAge ? null : collected.ToUnixTimeMilliseconds();
    }

    private void TellRefusal(int refused)
    {
        if (_refusalTold)
        {
            return;
        }

        _refusalTold = true; // Only once per session, to avoid a flood.
        SeriesRefused(log, host.HostName, refused);
        events.SeriesRefused(host.HostId, host.HostName, refused, host.SeriesCount);
    }
}
