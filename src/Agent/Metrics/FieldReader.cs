using System.Buffers.Text;

namespace Fleet.Agent.Metrics;

/// <summary>Walks through a line's fields, which any run of blanks parts. Nothing is allocated.</summary>
internal ref struct FieldReader(ReadOnlySpan<byte> line)
{
    private readonly ReadOnlySpan<byte> _line = line;
    private ReadOnlySpan<byte> _rest = line;

    /// <summary>There is no further field.</summary>
    public readonly bool AtEnd => _rest.IndexOfAnyExcept((byte)' ', (byte)'\t') < 0;

    /// <summary>Takes the next field; false at the end of the line.</summary>
    public bool TryNext(out ReadOnlySpan<byte> field)
    {
        var start = _rest.IndexOfAnyExcept((byte)' ', (byte)'\t');
        if (start < 0)
        {
            field = [];
            return false;
        }

        _rest = _rest[start..];
        var end = _rest.IndexOfAny((byte)' ', (byte)'\t');
        field = end < 0 ? _rest : _rest[..end];
        _rest = end < 0 ? [] : _rest[end..];
        return true;
    }

    /// <exception cref="FormatException">There is no further field.</exception>
    public ReadOnlySpan<byte> Next() => TryNext(out var field) ? field : throw NotUnderstood();

    /// <exception cref="FormatException">There is no further field, or it is not a whole number.</exception>
    public long NextInteger() =>
        TryNext(out var field) && Utf8Parser.TryParse(field, out long value, out var used) && used == field.Length
            ? value
            : throw NotUnderstood();

    /// <exception cref="FormatException">There is no further field, or it is not a number.</exception>
    public double NextNumber() =>
        TryNext(out var field) && Utf8Parser.TryParse(field, out double value, out var used) && used == field.Length
            ? value
            : throw NotUnderstood();

    /// <summary>For the counters that the kernel prints as unsigned 64-bit numbers: above 2^53 the nearest double.</summary>
    /// <exception cref="FormatException">There is no further field, or it is not a whole number that is not negative.</exception>
    public double NextCounter() =>
        TryNext(out var field) && Utf8Parser.TryParse(field, out ulong value, out var used) && used == field.Length
            ? value
            : throw NotUnderstood();

    public void Skip(int fields)
    {
        for (var i = 0; i < fields; i++)
        {
            _ = Next();
        }
    }

    /// <summary>Goes on after the next <paramref name="mark"/>, which need not have a blank around it.</summary>
    /// <exception cref="FormatException">There is none.</exception>
    public void SkipPast(byte mark)
    {
        var at = _rest.IndexOf(mark);
        _rest = at < 0 ? throw NotUnderstood() : _rest[(at + 1)..];
    }

    /// <summary>A file's shape has changed: better to say so than to report nothing.</summary>
    public readonly FormatException NotUnderstood() =>
        new($"this line is not understood: {Logging.LogText.Escape(_line)}");
}
