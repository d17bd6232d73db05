using System.Buffers;
using System.Diagnostics;
using Grpc.Core;
using Grpc.Core.Wire;

namespace Grpc.Net.Client.Internal;

/// <summary>
/// Reads messages from a response. Its buffer grows with what has arrived, not with what a header announces, up to the message size limit, and is
/// given back while there is nothing to read: thousands of idle streams hold no memory.
/// </summary>
internal sealed class ResponseMessageReader(Stream stream, string? encoding, MessageCompression compression, int? maxMessageSizeBytes)
    : IDisposable
{
    private const int InitialSizeBytes = 4096;

    private readonly MessagePayload _payload = new();
    private byte[] _buffer = [];
    private int _start;
    private int _end;

    /// <summary>The next message; null at the stream's end.</summary>
    /// <exception cref="RpcException">The bytes break the protocol, or the message is too large.</exception>
    public async ValueTask<T?> ReadAsync<T>(Func<DeserializationContext, T> deserializer, CancellationToken cancellationToken)
        where T : class
    {
        if (!await FillAsync(MessageFrame.HeaderSizeBytes, cancellationToken))
        {
            return _end == _start ? null : throw MessageFrame.Incomplete();
        }

        MessageFrame.ReadHeader(_buffer.AsSpan(_start, MessageFrame.HeaderSizeBytes), maxMessageSizeBytes, out var compressed, out var length);
        _start += MessageFrame.HeaderSizeBytes;
        if (!await FillAsync(length, cancellationToken))
        {
            throw MessageFrame.Incomplete();
        }

        var payload = new ReadOnlySequence<byte>(_buffer, _start, length);
        var message = compressed ? DeserializeCompressed(payload, deserializer) : _payload.Deserialize(deserializer, payload);
        _start += length;
        return message;
    }

    public void Dispose()
    {
        GiveBack();
        stream.Dispose();
    }

    private T DeserializeCompressed<T>(in ReadOnlySequence<byte> payload, Func<DeserializationContext, T> deserializer)
    {
        using var plain = compression.Decompress(payload, encoding, maxMessageSizeBytes);
        return _payload.Deserialize(deserializer, new ReadOnlySequence<byte>(plain.WrittenMemory));
    }

    /// <summary>Reads until so many bytes are there; false when the stream ends before.</summary>
    private async ValueTask<bool> FillAsync(int count, CancellationToken cancellationToken)
    {
        while (_end - _start < count)
        {
            if (_end == _start)
            {
                // A read of nothing ends when there is something, or the end: only then a buffer is needed.
                GiveBack();
                var nothing = await stream.ReadAsync(Memory<byte>.Empty, cancellationToken);
                Debug.Assert(nothing == 0, "nothing fits into nothing");
            }

            MakeRoom(count);
            var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            if (read == 0)
            {
                return false;
            }

            _end += read;
        }

        return true;
    }

    private void MakeRoom(int count)
    {
        if (_buffer.Length == 0)
        {
            _buffer = ArrayPool<byte>.Shared.Rent(InitialSizeBytes);
            return;
        }

        var held = _end - _start;
        if (_start > 0 && _buffer.Length - _start < count)
        {
            _buffer.AsSpan(_start, held).CopyTo(_buffer);
            _start = 0;
            _end = held;
        }

        if (_end == _buffer.Length)
        {
            Replace((int)Math.Min(2L * _buffer.Length, Array.MaxLength));
        }
    }

    private void GiveBack()
    {
        var buffer = _buffer;
        _buffer = [];
        _start = _end = 0;
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Replace(int sizeBytes)
    {
        var replacement = ArrayPool<byte>.Shared.Rent(sizeBytes);
        _buffer.AsSpan(_start, _end - _start).CopyTo(replacement);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = replacement;
        _end -= _start;
        _start = 0;
    }
}
