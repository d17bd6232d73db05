using System.Globalization;

namespace Fleet.Agent.History;

/// <summary>
/// "history-2026-11.db": the attempts that were written down in a month (UTC); further files of a month are "history-2026-11-02.db" and so
/// on.
/// </summary>
internal readonly record struct HistoryFileName(int Year, int Month, int Part) : IComparable<HistoryFileName>
{
    public const int MaxPart = 99;

    private const string Prefix = "history-";

    /// <summary>The first instant after its month.</summary>
    public DateTimeOffset MonthEnds => new DateTimeOffset(Year, Month, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(1);

    /// <summary>The next file of the same month.</summary>
    public HistoryFileName Next => this with { Part = Part + 1 };

    public static HistoryFileName FirstOf(DateTimeOffset now) => new(now.UtcDateTime.Year, now.UtcDateTime.Month, 1);

    /// <summary>Null for a file of another kind.</summary>
    public static HistoryFileName? TryParse(string name)
    {
        if (!name.StartsWith(Prefix, StringComparison.Ordinal) || !name.EndsWith(HistoryFolder.Extension, StringComparison.Ordinal))
        {
            return null;
        }

        var numbers = name[Prefix.Length..^HistoryFolder.Extension.Length].Split('-');
        return numbers.Length is 2 or 3 && numbers.All(n => n.Length is 2 or 4 && n.All(char.IsAsciiDigit))
            && new HistoryFileName(Number(numbers[0]), Number(numbers[1]),
                numbers.Length == 3 ? Number(numbers[2]) : 1) is { Year: >= 1 and < 9999, Month: >= 1 and <= 12, Part: >= 1 } parsed
            && parsed.ToString() == name ? parsed : null;
    }

    public int CompareTo(HistoryFileName other) => (Year, Month, Part).CompareTo((other.Year, other.Month, other.Part));

    public override string ToString() => Part == 1
        ? string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Year:D4}-{Month:D2}{HistoryFolder.Extension}")
        : string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Year:D4}-{Month:D2}-{Part:D2}{HistoryFolder.Extension}");

    private static int Number(string digits) => int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
}
