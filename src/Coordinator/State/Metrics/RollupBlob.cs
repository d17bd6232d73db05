using System.Buffers.Binary;
using System.IO.Compression;

namespace Fleet.Coordinator.State.Metrics;

/// <summary>
/// All series of one host in one window as one value of the table, which makes one row per host and window instead of a hundred.
/// Format 1: the byte 1, then Deflate over entries of: series number, count, milliseconds from the window's start to the newest value
/// (LEB128), a byte of flags, and doubles (little-endian): one when all samples were equal, else sum, min, max, last.
/// </summary>
internal static class RollupBlob
{
    private const byte Format = 1;
    private const byte AllEqual = 1;

    /// <summary>A blob that decompresses to more bytes than this was not written by us.</summary>
    private const int MaxUnpackedBytes = 64 * 1024 * 1024;

    public static byte[] Write(long window, IEnumerable<KeyValuePair<int, RollupPoint>> points)
    {
        using var packed = new MemoryStream();
        packed.WriteByte(Format);
        using (var deflate = new DeflateStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        using (var buffered = new BufferedStream(deflate, 8 * 1024))
        {
            Span<byte> number = stackalloc byte[8];
            foreach (var (series, point) in points)
            {
                WriteVarint(buffered, (ulong)series);
                WriteVarint(buffered, (ulong)point.Count);
                WriteVarint(buffered, (ulong)Math.Max(0, point.LastAt - (window * RollupPoint.WindowSeconds * 1000L)));
                var equal = point.Min.Equals(point.Max) && point.Sum.Equals(point.Min * point.Count);
                buffered.WriteByte(equal ? AllEqual : (byte)0);
                foreach (var value in equal ? [point.Last] : (ReadOnlySpan<double>)[point.Sum, point.Min, point.Max, point.Last])
                {
                    BinaryPrimitives.WriteDoubleLittleEndian(number, value);
                    buffered.Write(number);
                }
            }
        }

        return packed.ToArray();
    }

    /// <exception cref="InvalidDataException">The blob is damaged.</exception>
    public static Dictionary<int, RollupPoint> Read(long window, byte[] blob)
    {
        if (blob.Length == 0 || blob[0] != Format)
        {
            throw new InvalidDataException("a roll-up of an unknown format");
        }

        using var deflate = new DeflateStream(new MemoryStream(blob, 1, blob.Length - 1), CompressionMode.Decompress);
        using var unpacked = new MemoryStream();
        var chunk = new byte[16 * 1024];
        int read;
        while ((read = deflate.Read(chunk)) > 0)
        {
            unpacked.Write(chunk, 0, read);
            if (unpacked.Length > MaxUnpackedBytes)
            {
                throw new InvalidDataException("a roll-up that is too large");
            }
        }

        var bytes = unpacked.GetBuffer().AsSpan(0, (int)unpacked.Length);
        var points = new Dictionary<int, RollupPoint>();
        while (bytes.Length > 0)
        {
            var series = (int)ReadVarint(ref bytes);
            var count = (int)ReadVarint(ref bytes);
            var lastAt = (window * RollupPoint.WindowSeconds * 1000L) + (long)ReadVarint(ref bytes);
            var equal = Take(ref bytes, 1)[0] == AllEqual;
            var first = ReadDouble(ref bytes);
            points[series] = equal
                ? new RollupPoint { Count = count, Sum = first * count, Min = first, Max = first, Last = first, LastAt = lastAt }
                : new RollupPoint
                {
                    Count = count,
                    Sum = first,
                    Min = ReadDouble(ref bytes),
                    Max = ReadDouble(ref bytes),
                    Last = ReadDouble(ref bytes),
                    LastAt = lastAt,
                };
        }

        return points;
    }

    private static void WriteVarint(Stream stream, ulong value)
    {
        while (value >= 0x80)
        {
            stream.WriteByte((byte)(value | 0x80));
            value >>= 7;
        }

        stream.WriteByte((byte)value);
    }

    private static ulong ReadVarint(ref Span<byte> bytes)
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var part = Take(ref bytes, 1)[0];
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException("a number in a roll-up that does not end");
    }

    private static double ReadDouble(ref Span<byte> bytes) => BinaryPrimitives.ReadDoubleLittleEndian(Take(ref bytes, 8));

    private static Span<byte> Take(ref Span<byte> bytes, int count)
    {
        if (bytes.Length < count)
        {
            throw new InvalidDataException("a roll-up that ends too early");
        }

        var taken = bytes[..count];
        bytes = bytes[count..];
        return taken;
    }
}
