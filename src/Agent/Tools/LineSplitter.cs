using Fleet.Protocol.V1;

namespace Fleet.Agent.Tools;

/// <summary>
/// Cuts one stream of output into lines in constant memory: of a longer line the rest is thrown away as it arrives.
/// A line ends with LF, CR LF, or CR (progress that the next line overwrites).
/// </summary>
internal sealed class LineSplitter(LogStream stream, IToolOutput output, int maxLineBytes)
{
    private readonly byte[] _line = new byte[maxLineBytes];
    private int _length;
    private bool _truncated;
    private bool _sawCarriageReturn;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_sawCarriageReturn)
            {
                _sawCarriageReturn = false;
                if (bytes[0] == (byte)'\n')
                {
                    Emit(LineEnd.NewLine);
                    bytes = bytes[1..];
                    continue;
                }

                Emit(LineEnd.CarriageReturn);
            }

            var end = bytes.IndexOfAny((byte)'\n', (byte)'\r');
            Keep(end < 0 ? bytes : bytes[..end]);
            if (end < 0)
            {
                return;
            }

            if (bytes[end] == (byte)'\n')
            {
                Emit(LineEnd.NewLine);
            }
            else
            {
                _sawCarriageReturn = true;
            }

            bytes = bytes[(end + 1)..];
        }
    }

    /// <summary>The stream has ended: what is left is a line too.</summary>
    public void Complete()
    {
        if (_sawCarriageReturn)
        {
            _sawCarriageReturn = false;
            Emit(LineEnd.CarriageReturn);
        }
        else if (_length > 0)
        {
            Emit(LineEnd.EndOfOutput);
        }
    }

    private void Keep(ReadOnlySpan<byte> part)
    {
        var room = _line.Length - _length;
        if (part.Length > room)
        {
            _truncated = true;
            part = part[..room];
        }

        part.CopyTo(_line.AsSpan(_length));
        _length += part.Length;
    }

    private void Emit(LineEnd end)
    {
        var (length, truncated) = (_length, _truncated);
        (_length, _truncated) = (0, false);
        output.OnLine(stream, _line.AsSpan(0, length), end, truncated);
    }
}
