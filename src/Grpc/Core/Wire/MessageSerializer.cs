using System.Buffers;

namespace Grpc.Core.Wire;

/// <summary>Serializes one message into a pooled buffer, with room for the frame's header in front.</summary>
internal sealed class MessageSerializer(int? maxMessageSizeBytes) : SerializationContext
{
    private PooledBuffer? _buffer;
    private bool _complete;

    /// <summary>The frame (header still blank, then the payload); the caller disposes it.</summary>
    public PooledBuffer Serialize<T>(Action<T, SerializationContext> serializer, T message)
    {
        _buffer = null;
        _complete = false;
        try
        {
            serializer(message, this);
            if (!_complete || _buffer is null)
            {
                throw new InvalidOperationException("The serializer did not complete the message.");
            }

            var result = _buffer;
            _buffer = null;
            return result;
        }
        finally
        {
            _buffer?.Dispose();
            _buffer = null;
        }
    }

    public override void SetPayloadLength(int payloadLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(payloadLength);
        if (payloadLength > maxMessageSizeBytes)
        {
            throw TooLarge();
        }

        _buffer ??= NewBuffer(payloadLength);
    }

    public override IBufferWriter<byte> GetBufferWriter() => _buffer ??= NewBuffer(0);

    public override void Complete(byte[] payload)
    {
        ArgumentNullException.ThrowIfNull(payload);
        CheckNotComplete();
        SetPayloadLength(payload.Length);
        _buffer!.Write(payload);
        _complete = true;
    }

    public override void Complete()
    {
        CheckNotComplete();
        _buffer ??= NewBuffer(0);
        _complete = true;
    }

    private static RpcException TooLarge() =>
        new(new Status(StatusCode.ResourceExhausted, "Sending message exceeds the maximum configured message size."));

    private void CheckNotComplete()
    {
        if (_complete)
        {
            throw new InvalidOperationException("The message is complete already.");
        }
    }

    private PooledBuffer NewBuffer(int payloadLength)
    {
        var limit = (int)Math.Min((long)(maxMessageSizeBytes ?? int.MaxValue) + MessageFrame.HeaderSizeBytes, Array.MaxLength);
        var capacity = (int)Math.Min((long)payloadLength + MessageFrame.HeaderSizeBytes, Array.MaxLength);
        var buffer = new PooledBuffer(capacity, limit, TooLarge);
        buffer.GetSpan(MessageFrame.HeaderSizeBytes);
        buffer.Advance(MessageFrame.HeaderSizeBytes);
        return buffer;
    }
}
