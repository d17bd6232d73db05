using System.Globalization;
using System.Text;

namespace Fleet.Yaml;

/// <summary>
/// Durations as people write them: whole numbers with the units ms, s, m, h, d and w, largest first, each at most
/// once: <c>15s</c>, <c>90d</c>, <c>1h30m</c>. A day has 24 hours.
/// </summary>
public static class DurationText
{
    private static readonly (string Unit, long Ticks)[] Units =
    [
        ("w", 7 * TimeSpan.TicksPerDay),
        ("d", TimeSpan.TicksPerDay),
        ("h", TimeSpan.TicksPerHour),
        ("m", TimeSpan.TicksPerMinute),
        ("s", TimeSpan.TicksPerSecond),
        ("ms", TimeSpan.TicksPerMillisecond),
    ];

    /// <summary>Reads a duration; false for anything else, a bare number included.</summary>
    public static bool TryParse(string? text, out TimeSpan value)
    {
        value = TimeSpan.Zero;
        var rest = text.AsSpan();
        var next = 0;
        long ticks = 0;
        if (rest.IsEmpty)
        {
            return false;
        }

        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExceptInRange('0', '9');
            if (digits is <= 0 or > 15)
            {
                return false;
            }

            var number = long.Parse(rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture);
            rest = rest[digits..];
            var letters = rest.IndexOfAnyExceptInRange('a', 'z');
            var unit = letters < 0 ? rest : rest[..letters];
            rest = rest[unit.Length..];
            while (next < Units.Length && !unit.SequenceEqual(Units[next].Unit))
            {
                next++;
            }

            if (next == Units.Length || number > (long.MaxValue - ticks) / Units[next].Ticks)
            {
                return false;
            }

            ticks += number * Units[next++].Ticks;
        }

        value = TimeSpan.FromTicks(ticks);
        return true;
    }

    /// <summary>Writes a duration so that <see cref="TryParse"/> reads the same: <c>1h30m</c>; to the millisecond.</summary>
    public static string Format(TimeSpan value)
    {
        var text = new StringBuilder(value < TimeSpan.Zero ? "-" : "");
        var rest = Math.Abs(value.Ticks);
        foreach (var (unit, ticks) in Units.Skip(1))
        {
            if (rest / ticks is var count and > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"{count}{unit}");
                rest %= ticks;
            }
        }

        return text.Length is 0 ? "0s" : text.ToString();
    }
}
