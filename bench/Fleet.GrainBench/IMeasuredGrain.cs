namespace Fleet.GrainBench;

/// <summary>What a heartbeat carries, more or less.</summary>
[GenerateSerializer]
public sealed record Beat(string HostName, long Sequence, DateTimeOffset SentAt, IReadOnlyList<string> Running);

/// <summary>A grain with the cheapest possible work in it, so that what is measured is the way there and back.</summary>
public interface IMeasuredGrain : IGrainWithStringKey
{
    /// <summary>Returns its argument.</summary>
    ValueTask<long> Echo(long value);

    /// <summary>Takes and returns an object that has to be copied both ways.</summary>
    Task<Beat> Take(Beat beat);

    /// <summary>Calls another grain so many times, one call after the other.</summary>
    Task CallOther(IMeasuredGrain other, int times);
}
