using Grpc.Core;
using Grpc.Core.Wire;
using Grpc.Net.Compression;

namespace Grpc.Net.Client.Internal;

/// <summary>Turns one message into the frame that is sent.</summary>
internal static class MessageSender
{
    /// <summary>The caller disposes the result.</summary>
    /// <exception cref="RpcException">RESOURCE_EXHAUSTED: the message is larger than allowed.</exception>
    public static PooledBuffer Serialize<T>(
        MessageSerializer serializer, Marshaller<T> marshaller, T message, ICompressionProvider? compression, WriteOptions? writeOptions)
    {
        var frame = serializer.Serialize(marshaller.ContextualSerializer, message);
        var compressed = compression is not null && ((writeOptions?.Flags ?? 0) & WriteFlags.NoCompress) == 0;
        if (compressed)
        {
            frame = MessageCompression.Compress(frame, compression!, null);
        }

        MessageFrame.WriteHeader(frame.WrittenSpan, compressed);
        return frame;
    }
}
