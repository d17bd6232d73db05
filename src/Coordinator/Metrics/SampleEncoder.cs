using System.Numerics;

namespace Fleet.Coordinator.Metrics;

/// <summary>Writes the samples of one series in one block. See <see cref="SampleCoding"/>.</summary>
internal sealed class SampleEncoder
{
    private readonly BitWriter _bits = new();
    private int _lastIndex = -1;
    private double _last;
    private long _lastDifference;
    private int _lastScale;
    private int _leading = -1;
    private int _length;

    /// <summary>Number of samples written.</summary>
    public int Count { get; private set; }

    public ReadOnlySpan<byte> Bytes => _bits.Bytes;

    /// <param name="index">
    /// Index of the instant in the block; larger than the previous one, less than <see cref="SampleCoding.BlockLength"/>.
    /// </param>
    public void Add(int index, double value)
    {
        var gap = index - _lastIndex;
        if (gap == 1)
        {
            _bits.Write(0, 1);
        }
        else
        {
            _bits.Write(1, 1);
            _bits.Write((ulong)gap, SampleCoding.GapBits);
        }

        _lastIndex = index;
        WriteValue(value);
        _last = value;
        Count++;
    }

    private void WriteValue(double value)
    {
        var difference = (ulong)(BitConverter.DoubleToInt64Bits(value) ^ BitConverter.DoubleToInt64Bits(_last));
        if (difference == 0)
        {
            _bits.Write(0, 1);
            _lastDifference = 0;
        }
        else if (!TryWriteDecimal(value))
        {
            WriteXor(difference);
            _lastDifference = 0;
        }
    }

    private bool TryWriteDecimal(double value)
    {
        for (var scale = 0; scale < SampleCoding.Scales.Length; scale++)
        {
            if (!SampleCoding.IsExact(value, SampleCoding.Scales[scale], out var number))
            {
                continue;
            }

            var difference = number - SampleCoding.Rounded(_last, SampleCoding.Scales[scale]);
            var coded = SampleCoding.ZigZag(difference - (scale == _lastScale ? _lastDifference : 0));
            for (var size = 0; size < SampleCoding.DifferenceBits.Length; size++)
            {
                if (coded >> SampleCoding.DifferenceBits[size] == 0)
                {
                    _bits.Write(0b10, 2);
                    _bits.Write((ulong)scale, 1);
                    _bits.Write((ulong)size, 2);
                    _bits.Write(coded, SampleCoding.DifferenceBits[size]);
                    _lastDifference = difference;
                    _lastScale = scale;
                    return true;
                }
            }

            return false;
        }

        return false;
    }

    private void WriteXor(ulong difference)
    {
        var leading = BitOperations.LeadingZeroCount(difference);
        var trailing = BitOperations.TrailingZeroCount(difference);
        if (_leading >= 0 && leading >= _leading && trailing >= 64 - _leading - _length)
        {
            _bits.Write(0b110, 3);
        }
        else
        {
            _leading = leading;
            _length = 64 - leading - trailing;
            _bits.Write(0b111, 3);
            _bits.Write((ulong)_leading, 6);
            _bits.Write((ulong)(_length - 1), 6);
        }

        _bits.Write(difference >> (64 - _leading - _length), _length);
    }
}
