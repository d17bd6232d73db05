namespace Fleet.Coordinator.Metrics;

/// <summary>Reads what <see cref="BitWriter"/> wrote.</summary>
internal ref struct BitReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _position;

    /// <param name="count">0 to 64.</param>
    public ulong Read(int count)
    {
        ulong value = 0;
        while (count > 0)
        {
            var available = 8 - (_position & 7);
            var take = Math.Min(available, count);
            var bits = (uint)(_bytes[_position >> 3] >> (available - take)) & ((1u << take) - 1);
            value = (value << take) | bits;
            _position += take;
            count -= take;
        }

        return value;
    }
}
