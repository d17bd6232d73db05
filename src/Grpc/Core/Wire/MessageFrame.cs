using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;

namespace Grpc.Core.Wire;

/// <summary>A message on the wire: one byte that says whether it is compressed, its length in four (big endian), its bytes.</summary>
internal static class MessageFrame
{
    public const int HeaderSizeBytes = 5;

    public static void WriteHeader(Span<byte> frame, bool compressed)
    {
        Debug.Assert(frame.Length >= HeaderSizeBytes, "room for the header");
        frame[0] = compressed ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt32BigEndian(frame[1..], (uint)(frame.Length - HeaderSizeBytes));
    }

    /// <summary>Reads a header if there is one whole.</summary>
    /// <exception cref="RpcException">INTERNAL: a flag that is neither 0 nor 1. RESOURCE_EXHAUSTED: longer than allowed.</exception>
    public static bool TryReadHeader(in ReadOnlySequence<byte> buffer, int? maxMessageSizeBytes, out bool compressed, out int length)
    {
        compressed = false;
        length = 0;
        if (buffer.Length < HeaderSizeBytes)
        {
            return false;
        }

        Span<byte> header = stackalloc byte[HeaderSizeBytes];
        buffer.Slice(0, HeaderSizeBytes).CopyTo(header);
        ReadHeader(header, maxMessageSizeBytes, out compressed, out length);
        return true;
    }

    /// <inheritdoc cref="TryReadHeader"/>
    public static void ReadHeader(ReadOnlySpan<byte> header, int? maxMessageSizeBytes, out bool compressed, out int length)
    {
        if (header[0] > 1)
        {
            throw new RpcException(new Status(StatusCode.Internal, "Unexpected compressed flag value in message header."));
        }

        compressed = header[0] == 1;
        var announced = BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
        if (announced > (maxMessageSizeBytes ?? Array.MaxLength))
        {
            throw TooLarge();
        }

        length = (int)announced;
    }

    public static RpcException TooLarge() =>
        new(new Status(StatusCode.ResourceExhausted, "Received message exceeds the maximum configured message size."));

    public static RpcException Incomplete() => new(new Status(StatusCode.Internal, "Incomplete message."));
}
