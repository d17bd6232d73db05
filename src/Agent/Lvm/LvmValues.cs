using System.Globalization;

namespace Fleet.Agent.Lvm;

/// <summary>
/// Reads the texts of a report's row. A value that is missing or of another shape makes <see cref="AreWhole"/> false for good, so
/// that one question at the end of the row is enough.
/// </summary>
internal struct LvmValues()
{
    private bool _failed;

    public readonly bool AreWhole => !_failed;

    /// <summary>Text that is not empty.</summary>
    public string Text(string? value)
    {
        _failed |= string.IsNullOrEmpty(value);
        return value ?? "";
    }

    /// <summary>Text that may be empty.</summary>
    public string Present(string? value)
    {
        _failed |= value is null;
        return value ?? "";
    }

    /// <summary>Null: empty.</summary>
    public string? TextOrNone(string? value)
    {
        var text = Present(value);
        return text.Length == 0 ? null : text;
    }

    /// <summary>A whole number that is not negative.</summary>
    public long Number(string? value)
    {
        _failed |= !long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        return number;
    }

    /// <summary>Null: empty.</summary>
    public long? NumberOrNone(string? value) => TextOrNone(value) is { } text ? Number(text) : null;

    /// <summary>0 to 100, with a point. Null: empty.</summary>
    public double? Percent(string? value)
    {
        if (TextOrNone(value) is not { } text)
        {
            return null;
        }

        _failed |= !double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent);
        return percent;
    }

    /// <summary>Parted by commas.</summary>
    public IReadOnlyList<string> Words(string? value) => Present(value) is { Length: > 0 } text ? text.Split(',') : [];

    /// <summary>True: the word; false: empty; null: "unknown", as of what is not active.</summary>
    public bool? Flag(string? value, string word)
    {
        _failed |= value is null || (value.Length > 0 && value != word && value != "unknown");
        return value == "unknown" ? null : value == word;
    }
}
