using System.Buffers;
using System.Globalization;

namespace Fleet.Yaml;

/// <summary>
/// Sizes as people write them: <c>512KiB</c>, <c>10MiB</c>, <c>1GB</c>, <c>1.5TiB</c>, or bytes without a unit. The
/// bare letters K, M, G and T are refused, because tools disagree about them.
/// </summary>
public static class SizeText
{
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    private static readonly (string Unit, long Bytes)[] Units =
    [
        ("B", 1),
        ("KB", 1_000),
        ("MB", 1_000_000),
        ("GB", 1_000_000_000),
        ("TB", 1_000_000_000_000),
        ("KiB", 1L << 10),
        ("MiB", 1L << 20),
        ("GiB", 1L << 30),
        ("TiB", 1L << 40),
    ];

    /// <summary>Reads a size in bytes; a fraction of a byte is cut off.</summary>
    public static bool TryParse(string? text, out long bytes)
    {
        bytes = 0;
        var rest = text.AsSpan().Trim();
        var digits = rest.IndexOfAnyExcept(NumberCharacters);
        var number = digits < 0 ? rest : rest[..digits];
        var unit = digits < 0 ? "" : rest[digits..].TrimStart(' ').ToString();
        if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            || (digits < 0 && number.Contains('.')))
        {
            return false;
        }

        var factor = unit.Length == 0 ? 1 : Units.FirstOrDefault(u => u.Unit.Equals(unit, StringComparison.OrdinalIgnoreCase)).Bytes;
        if (factor == 0 || value > long.MaxValue / factor)
        {
            return false;
        }

        bytes = (long)(value * factor);
        return true;
    }

    /// <summary>Writes a size with the largest binary unit that divides it: <c>10MiB</c>, <c>1536KiB</c>, <c>1001B</c>.</summary>
    public static string Format(long bytes)
    {
        foreach (var (unit, size) in Units.AsEnumerable().Reverse().Take(4))
        {
            if (bytes >= size && bytes % size == 0)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{bytes / size}{unit}");
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{bytes}B");
    }

    /// <summary>For people, rounded: <c>1.5 GiB</c>.</summary>
    public static string Approximate(double bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
        var unit = 0;
        while (Math.Abs(bytes) >= 1024 && unit < units.Length - 1)
        {
            bytes /= 1024;
            unit++;
        }

        return unit == 0 || Math.Abs(bytes) >= 100
            ? string.Create(CultureInfo.InvariantCulture, $"{bytes:F0} {units[unit]}")
            : string.Create(CultureInfo.InvariantCulture, $"{bytes:F1} {units[unit]}");
    }
}
