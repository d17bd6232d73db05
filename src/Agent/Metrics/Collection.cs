using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Agent.Metrics;

/// <summary>What one round of collectors gathered.</summary>
internal sealed record Collection(DateTimeOffset At, uint[] Numbers, double[] Values, IReadOnlyList<CollectorFailure> Failures)
{
    /// <param name="table">Where the numbers come from.</param>
    /// <param name="defined">Series that the receiver knows already; those of this batch are added. Null if it knows none.</param>
    public MetricBatch ToBatch(SeriesTable table, HashSet<uint>? defined)
    {
        var batch = new MetricBatch { CollectedAt = Timestamp.FromDateTimeOffset(At) };
        HashSet<uint> known = defined ?? [];
        foreach (var number in Numbers)
        {
            if (known.Add(number))
            {
                batch.Definitions.Add(new SeriesDefinition { Number = number, Series = table[number] });
            }
        }

        batch.Series.AddRange(Numbers);
        batch.Values.AddRange(Values);
        batch.Failures.AddRange(Failures);
        return batch;
    }
}
