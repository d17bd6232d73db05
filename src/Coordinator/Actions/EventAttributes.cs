using System.Globalization;
using Fleet.Protocol.Edge;

namespace Fleet.Coordinator.Actions;

/// <summary>
/// Builds the attributes of an event from what an agent reports: texts are bounded, and numbers and instants have one format.
/// </summary>
internal sealed class EventAttributes
{
    /// <summary>An agent can report texts of any length.</summary>
    private const int MaxText = 1_000;

    private readonly Dictionary<string, string> _all = [];

    public Dictionary<string, string> ToDictionary() => new(_all);

    public void Add(string name, string text) => _all[name] = WireText.Cut(text, MaxText);

    public void Add(string name, long number) => _all[name] = number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Adds numbers that a host counted. The sum stops at long.MaxValue: nothing guarantees that the numbers make sense.</summary>
    public void AddSum(string name, IEnumerable<long> numbers) =>
        Add(name, (long)Int128.Clamp(numbers.Aggregate(Int128.Zero, static (sum, number) => sum + number), long.MinValue, long.MaxValue));

    /// <summary>Left out if the value is not known.</summary>
    public void Add(string name, DateTimeOffset? instant)
    {
        if (instant is { } known)
        {
            Add(name, known.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        }
    }

    /// <summary>The digits that would confirm a run's plan. Left out if the run does not ask.</summary>
    public void AddConfirmation(string confirmation)
    {
        if (confirmation.Length > 0)
        {
            Add("confirmation", confirmation);
        }
    }
}
