using System.Globalization;
using Fleet.Protocol.Edge;

namespace Fleet.Coordinator.Actions;

/// <summary>Attributes of an event, from what an agent reports: texts are bounded, numbers and instants look the same everywhere.</summary>
internal sealed class EventAttributes
{
    /// <summary>An agent can report texts of any length.</summary>
    private const int MaxText = 1_000;

    private readonly Dictionary<string, string> _all = [];

    public Dictionary<string, string> ToDictionary() => new(_all);

    public void Add(string name, string text) => _all[name] = WireText.Cut(text, MaxText);

    public void Add(string name, long number) => _all[name] = number.ToString(CultureInfo.InvariantCulture);

    /// <summary>A sum of what a host counted. At its most, long.MaxValue: nothing says that the numbers make sense.</summary>
    public void AddSum(string name, IEnumerable<long> numbers) =>
        Add(name, (long)Int128.Clamp(numbers.Aggregate(Int128.Zero, static (sum, number) => sum + number), long.MinValue, long.MaxValue));

    /// <summary>Left out if it is not known.</summary>
    public void Add(string name, DateTimeOffset? instant)
    {
        if (instant is { } known)
        {
            Add(name, known.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        }
    }

    /// <summary>What a run that asks wants to be confirmed. Left out if it asks nothing.</summary>
    public void AddConfirmation(string confirmation)
    {
        if (confirmation.Length > 0)
        {
            Add("confirmation", confirmation);
        }
    }
}
