using System.Buffers.Binary;

namespace Fleet.Agent.LocalSocket;

/// <summary>
/// Frames on the local socket: length (4 bytes, little endian), then UTF-8 JSON. One question and one answer for each connection.
/// </summary>
internal static class SocketFrames
{
    /// <summary>A longer question is not read.</summary>
    public const int MaxQuestionBytes = 4 * 1024;

    /// <summary>A longer answer is not sent.</summary>
    public const int MaxAnswerBytes = 16 * 1024 * 1024;

    /// <exception cref="InvalidDataException">It is longer than it may be.</exception>
    /// <exception cref="IOException">The other side went away.</exception>
    public static async Task<byte[]> ReadAsync(Stream stream, int maxBytes, CancellationToken cancellationToken)
    {
        var head = new byte[sizeof(int)];
        await stream.ReadExactlyAsync(head, cancellationToken);
        var length = BinaryPrimitives.ReadInt32LittleEndian(head);
        if (length < 0 || length > maxBytes)
        {
            throw new InvalidDataException($"a message of {(uint)length} bytes is longer than {maxBytes}");
        }

        var content = new byte[length];
        await stream.ReadExactlyAsync(content, cancellationToken);
        return content;
    }

    /// <exception cref="IOException">The other side went away.</exception>
    public static async Task WriteAsync(Stream stream, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var frame = new byte[sizeof(int) + content.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, content.Length);
        content.CopyTo(frame.AsMemory(sizeof(int)));
        await stream.WriteAsync(frame, cancellationToken);
    }
}
