namespace Fleet.Coordinator.Metrics;

/// <summary>Appends bits to a growing buffer, the most significant first.</summary>
internal sealed class BitWriter
{
    private byte[] _buffer = new byte[16];

    /// <summary>Bits written so far.</summary>
    public int Length { get; private set; }

    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, (Length + 7) / 8);

    /// <param name="count">0 to 64: the number of the value's lowest bits to append.</param>
    public void Write(ulong value, int count)
    {
        if (Length + count > _buffer.Length * 8)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 3 / 2, (Length + count + 7) / 8));
        }

        while (count > 0)
        {
            var free = 8 - (Length & 7);
            var take = Math.Min(free, count);
            var bits = (byte)((value >> (count - take)) & ((1u << take) - 1));
            _buffer[Length >> 3] |= (byte)(bits << (free - take));
            Length += take;
            count -= take;
        }
    }
}
