using System.Globalization;

namespace Fleet.Coordinator.Actions;

/// <summary>Attributes of an event, from what an agent reports: texts are bounded, numbers and instants look the same everywhere.</summary>
internal sealed class EventAttributes
{
    /// <summary>An agent can report texts of any length.</summary>
    private const int MaxText = 1_000;

    private readonly Dictionary<string, string> _all = [];

    public Dictionary<string, string> ToDictionary() => new(_all);

    public void Add(string name, string text) => _all[name] = text.Length > MaxText ? text[..MaxText] : text;

    public void Add(string name, long number) => _all[name] = number.ToString(CultureInfo.InvariantCulture);

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
