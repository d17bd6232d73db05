namespace Fleet.Coordinator.Metrics;

/// <summary>Reads what <see cref="SampleEncoder"/> wrote.</summary>
internal ref struct SampleDecoder(ReadOnlySpan<byte> bytes, int count)
{
    private BitReader _bits = new(bytes);
    private int _remaining = count;
    private long _lastDifference;
    private int _lastScale;
    private int _leading;
    private int _length;

    /// <summary>Index of the instant in the block.</summary>
    public int Index { get; private set; } = -1;

    public double Value { get; private set; }

    /// <summary>False after the last sample.</summary>
    public bool Next()
    {
        if (_remaining == 0)
        {
            return false;
        }

        _remaining--;
        Index += _bits.Read(1) == 0 ? 1 : (int)_bits.Read(SampleCoding.GapBits);
        if (_bits.Read(1) == 0)
        {
            _lastDifference = 0;
        }
        else if (_bits.Read(1) == 0)
        {
            ReadDecimal();
        }
        else
        {
            ReadXor();
            _lastDifference = 0;
        }

        return true;
    }

    private void ReadDecimal()
    {
        var scale = (int)_bits.Read(1);
        var size = SampleCoding.DifferenceBits[(int)_bits.Read(2)];
        var difference = SampleCoding.UnZigZag(_bits.Read(size)) + (scale == _lastScale ? _lastDifference : 0);
        Value = (double)(SampleCoding.Rounded(Value, SampleCoding.Scales[scale]) + difference) / SampleCoding.Scales[scale];
        _lastDifference = difference;
        _lastScale = scale;
    }

    private void ReadXor()
    {
        if (_bits.Read(1) != 0)
        {
            _leading = (int)_bits.Read(6);
            _length = (int)_bits.Read(6) + 1;
        }

        var difference = _bits.Read(_length) << (64 - _leading - _length);
        Value = BitConverter.Int64BitsToDouble(BitConverter.DoubleToInt64Bits(Value) ^ (long)difference);
    }
}
