using System.Globalization;

namespace Grpc.Core.Wire;

/// <summary>The encoding of <c>grpc-timeout</c>: at most eight digits and one of the units H M S m u n.</summary>
internal static class GrpcTimeout
{
    private const long MaxDigits = 99_999_999;

    /// <summary>Rounds up to the finest unit that fits; what is not positive becomes one nanosecond.</summary>
    public static string Encode(TimeSpan timeout)
    {
        if (timeout <= TimeSpan.Zero)
        {
            return "1n";
        }

        var ticks = timeout.Ticks;
        if (ticks <= MaxDigits / 100)
        {
            return (ticks * 100).ToString(CultureInfo.InvariantCulture) + "n";
        }

        ReadOnlySpan<(long Ticks, char Unit)> units =
        [
            (TimeSpan.TicksPerMicrosecond, 'u'), (TimeSpan.TicksPerMillisecond, 'm'), (TimeSpan.TicksPerSecond, 'S'),
            (TimeSpan.TicksPerMinute, 'M'), (TimeSpan.TicksPerHour, 'H'),
        ];
        foreach (var (unitTicks, unit) in units)
        {
            var value = (ticks / unitTicks) + (ticks % unitTicks == 0 ? 0 : 1);
            if (value <= MaxDigits)
            {
                return value.ToString(CultureInfo.InvariantCulture) + unit;
            }
        }

        return MaxDigits.ToString(CultureInfo.InvariantCulture) + "H";
    }

    /// <summary>Strict as the grammar is; a value beyond <see cref="TimeSpan.MaxValue"/> becomes that.</summary>
    public static bool TryDecode(string? value, out TimeSpan timeout)
    {
        timeout = default;
        if (value is null || value.Length is < 2 or > 9)
        {
            return false;
        }

        if (!long.TryParse(value.AsSpan(0, value.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var amount))
        {
            return false;
        }

        if (value[^1] == 'n')
        {
            // A tick is 100 ns: round up, so that a positive timeout stays positive.
            timeout = TimeSpan.FromTicks((amount + 99) / 100);
            return true;
        }

        var unitTicks = value[^1] switch
        {
            'H' => TimeSpan.TicksPerHour,
            'M' => TimeSpan.TicksPerMinute,
            'S' => TimeSpan.TicksPerSecond,
            'm' => TimeSpan.TicksPerMillisecond,
            'u' => TimeSpan.TicksPerMicrosecond,
            _ => 0,
        };
        if (unitTicks == 0)
        {
            return false;
        }

        timeout = amount > TimeSpan.MaxValue.Ticks / unitTicks ? TimeSpan.MaxValue : TimeSpan.FromTicks(amount * unitTicks);
        return true;
    }
}
