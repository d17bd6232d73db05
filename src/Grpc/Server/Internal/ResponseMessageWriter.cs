using Grpc.Core;
using Grpc.Core.Wire;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Serializes response messages and writes them to the response.</summary>
internal sealed class ResponseMessageWriter<T>(HttpContextServerCallContext call, Marshaller<T> marshaller)
    where T : class
{
    /// <summary>So much may gather without a flush, whatever hints say: memory has a bound.</summary>
    private const int MostUnflushedBytes = 64 * 1024;

    private readonly MessageSerializer _serializer = new(call.Environment.MaxSendMessageSizeBytes);
    private int _unflushedBytes;

    /// <param name="message">The message.</param>
    /// <param name="writeOptions">Whether to compress and flush it.</param>
    /// <param name="isLast">The response ends after it, so that it goes out together with the trailers.</param>
    /// <param name="cancellationToken">Cancels the wait for flow control.</param>
    public async Task WriteAsync(T message, WriteOptions? writeOptions, bool isLast, CancellationToken cancellationToken)
    {
        var frame = _serializer.Serialize(marshaller.ContextualSerializer, message);
        var compression = call.ResponseCompressionFor(writeOptions);
        if (compression is not null)
        {
            frame = MessageCompression.Compress(frame, compression, call.Environment.ResponseCompressionLevel);
        }

        using (frame)
        {
            MessageFrame.WriteHeader(frame.WrittenSpan, compression is not null);
            var buffered = isLast || ((writeOptions?.Flags ?? 0) & WriteFlags.BufferHint) != 0;
            _unflushedBytes += frame.Length;
            var flush = !buffered || (!isLast && _unflushedBytes >= MostUnflushedBytes);
            if (flush)
            {
                _unflushedBytes = 0;
            }

            await call.WriteFrameAsync(frame.WrittenMemory, flush, cancellationToken);
        }
    }
}
