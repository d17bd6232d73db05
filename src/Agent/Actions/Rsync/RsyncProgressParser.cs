using System.Buffers.Text;

namespace Fleet.Agent.Actions.Rsync;

/// <summary>
/// Reads lines of --info=progress2, for example "  50002   3%   47.68MB/s    0:00:00 (xfr#3, to-chk=33/37)"
/// (rprint_progress in rsync's progress.c). Pure; allocates nothing.
/// </summary>
internal static class RsyncProgressParser
{
    /// <summary>False if this is not a progress line.</summary>
    public static bool TryParse(ReadOnlySpan<byte> line, out RsyncProgressLine progress)
    {
        progress = default;
        var rest = line;
        if (!TryWord(ref rest, out var word) || !TryNumber(word, out var bytes)
            || !TryWord(ref rest, out word) || word[^1] != '%' || !TryNumber(word[..^1], out var percent) || percent > 100
            || !TryWord(ref rest, out word) || !TryRate(word, out var rate)
            || !TryWord(ref rest, out word) || !TryTime(word, out var time))
        {
            return false;
        }

        rest = rest.Trim((byte)' ');
        if (rest.IsEmpty)
        {
            progress = new RsyncProgressLine(bytes, (int)percent, rate, time, null, null, null);
            return true;
        }

        // "(xfr#3, to-chk=33/37)" or "(xfr#3, ir-chk=33/37)"; then the time before it is the time since the start.
        var equals = rest.IndexOf("-chk="u8);
        var slash = rest.LastIndexOf((byte)'/');
        if (!rest.StartsWith("(xfr#"u8) || rest[^1] != ')' || equals < 2 || slash < equals
            || !TryNumber(rest[(equals + 5)..slash], out var left) || !TryNumber(rest[(slash + 1)..^1], out var known))
        {
            return false;
        }

        progress = new RsyncProgressLine(bytes, (int)percent, rate, null, left, known, rest[(equals - 2)..equals].SequenceEqual("to"u8));
        return true;
    }

    private static bool TryWord(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> word)
    {
        rest = rest.TrimStart((byte)' ');
        var end = rest.IndexOf((byte)' ');
        word = end < 0 ? rest : rest[..end];
        rest = rest[word.Length..];
        return !word.IsEmpty;
    }

    /// <summary>Digits, with or without thousands separators.</summary>
    private static bool TryNumber(ReadOnlySpan<byte> text, out long number)
    {
        number = 0;
        foreach (var b in text)
        {
            if (b is (byte)',' or (byte)'.')
            {
                continue;
            }

            if (!char.IsAsciiDigit((char)b) || number > (long.MaxValue - 9) / 10)
            {
                return false;
            }

            number = (number * 10) + (b - '0');
        }

        return !text.IsEmpty;
    }

    private static bool TryRate(ReadOnlySpan<byte> text, out long bytesPerSecond)
    {
        bytesPerSecond = 0;
        if (!text.EndsWith("B/s"u8) || !Utf8Parser.TryParse(text, out double value, out var consumed) || consumed == 0)
        {
            return false;
        }

        // rsync counts by 1,024 here.
        double scale = text[consumed..].Length > 3
            ? (char)text[consumed] switch
            {
                'k' or 'K' => 1024,
                'M' => 1024 * 1024,
                'G' => 1024d * 1024 * 1024,
                'T' => 1024d * 1024 * 1024 * 1024,
                _ => 0
            }
            : 1;
        bytesPerSecond = (long)Math.Min(value * scale, long.MaxValue / 2);
        return true;
    }

    /// <summary>"0:00:07", or "??:??:??" for more than 9,999 hours.</summary>
    private static bool TryTime(ReadOnlySpan<byte> text, out TimeSpan? time)
    {
        time = null;
        if (text.SequenceEqual("??:??:??"u8))
        {
            return true;
        }

        var first = text.IndexOf((byte)':');
        var last = text.LastIndexOf((byte)':');
        if (first <= 0 || last == first || !TryNumber(text[..first], out var hours) || hours > 100_000
            || !TryNumber(text[(first + 1)..last], out var minutes) || minutes > 59
            || !TryNumber(text[(last + 1)..], out var seconds) || seconds > 59)
        {
            return false;
        }

        time = TimeSpan.FromSeconds((((hours * 60) + minutes) * 60) + seconds);
        return true;
    }
}
