using System.Buffers.Text;
using System.Text;

namespace Fleet.Agent.Zfs;

/// <summary>
/// Reads the columns of a line that zfs -H or zpool -H printed: separated by tabs, "-" means none. A column that is
/// missing or of another shape makes <see cref="IsWhole"/> false for good, so that one question at the end of the line is enough.
/// </summary>
internal ref struct TabReader(ReadOnlySpan<byte> line)
{
    private ReadOnlySpan<byte> _rest = line;
    private bool _atEnd;
    private bool _failed;

    /// <summary>Every column so far was what it should be, and there is no further one.</summary>
    public readonly bool IsWhole => _atEnd && !_failed;

    private readonly bool AtNone => _rest.StartsWith("-\t"u8) || _rest.SequenceEqual("-"u8);

    /// <summary>The next column; empty at the end of the line.</summary>
    public ReadOnlySpan<byte> Next()
    {
        _failed |= _atEnd;
        var end = _rest.IndexOf((byte)'\t');
        var column = end < 0 ? _rest : _rest[..end];
        _atEnd = end < 0;
        _rest = end < 0 ? [] : _rest[(end + 1)..];
        return column;
    }

    /// <summary>Everything that is left, tabs included: for a last column of free text.</summary>
    public ReadOnlySpan<byte> Rest()
    {
        _failed |= _atEnd;
        var rest = _rest;
        _rest = [];
        _atEnd = true;
        return rest;
    }

    /// <summary>Text that is not empty.</summary>
    public string NextText()
    {
        var column = Next();
        _failed |= column.IsEmpty;
        return Encoding.UTF8.GetString(column);
    }

    /// <summary>Text; null if there is none.</summary>
    public string? NextTextOrNone()
    {
        var column = Next();
        return column.SequenceEqual("-"u8) ? null : Encoding.UTF8.GetString(column);
    }

    /// <summary>A whole number that is not negative.</summary>
    public long NextNumber()
    {
        var column = Next();
        _failed |= !Utf8Parser.TryParse(column, out long value, out var used) || used != column.Length || value < 0;
        return value;
    }

    /// <summary>A whole number that is not negative; null if there is none.</summary>
    public long? NextNumberOrNone()
    {
        if (!AtNone)
        {
            return NextNumber();
        }

        Next();
        return null;
    }

    public ZfsGuid NextGuid()
    {
        _failed |= !ZfsGuid.TryParse(Next(), out var guid);
        return guid;
    }

    /// <summary>One of two words.</summary>
    public bool NextFlag(ReadOnlySpan<byte> yes, ReadOnlySpan<byte> no)
    {
        var column = Next();
        var flag = column.SequenceEqual(yes);
        _failed |= !flag && !column.SequenceEqual(no);
        return flag;
    }

    /// <summary>One of two words; null if there is none.</summary>
    public bool? NextFlagOrNone(ReadOnlySpan<byte> yes, ReadOnlySpan<byte> no)
    {
        if (!AtNone)
        {
            return NextFlag(yes, no);
        }

        Next();
        return null;
    }

    /// <summary>Refuses the line, for a reason that only its parser knows.</summary>
    public void Refuse() => _failed = true;
}
