namespace Fleet.Coordinator.Metrics;

/// <summary>
/// The instants at which a host's metrics were collected, shared by all its series. Numbered from 0 for the life of the process;
/// old ones are dropped block by block.
/// </summary>
internal sealed class Timeline
{
    /// <summary>How far back full resolution reaches.</summary>
    public static readonly TimeSpan Keep = TimeSpan.FromHours(1);

    /// <summary>Collections closer together than this are not taken, which bounds memory whatever an agent sends.</summary>
    public const long MinSpacingMilliseconds = 500;

    private readonly List<long> _instants = [];
    private int _first;

    /// <summary>Number of the next instant.</summary>
    public int Next => _first + _instants.Count;

    /// <summary>Number of the block that the next instant falls into.</summary>
    public int NextBlock => Next / SampleCoding.BlockLength;

    /// <summary>Number of the oldest block that is kept.</summary>
    public int FirstBlock => _first / SampleCoding.BlockLength;

    /// <summary>Unix milliseconds of the newest instant.</summary>
    public long NewestMilliseconds => _instants.Count == 0 ? long.MinValue : _instants[^1];

    /// <summary>Unix milliseconds of an instant that is kept.</summary>
    public long this[int number] => _instants[number - _first];

    /// <summary>Adds an instant that is later than all earlier ones.</summary>
    /// <returns>Its number.</returns>
    public int Add(long unixMilliseconds)
    {
        _instants.Add(unixMilliseconds);
        return Next - 1;
    }

    /// <summary>Drops whole blocks that ended before an instant.</summary>
    /// <returns>True if there were any.</returns>
    public bool Forget(long beforeUnixMilliseconds)
    {
        var count = 0;
        while (_instants.Count - count >= SampleCoding.BlockLength
            && _instants[count + SampleCoding.BlockLength - 1] < beforeUnixMilliseconds)
        {
            count += SampleCoding.BlockLength;
        }

        _instants.RemoveRange(0, count);
        _first += count;
        return count > 0;
    }
}
