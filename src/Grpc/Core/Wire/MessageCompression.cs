using System.Buffers;
using System.IO.Compression;
using Grpc.Net.Compression;

namespace Grpc.Core.Wire;

/// <summary>Compresses and decompresses messages with the providers that a channel or a service has.</summary>
internal sealed class MessageCompression
{
    private readonly Dictionary<string, ICompressionProvider> _providers;

    public MessageCompression(IEnumerable<ICompressionProvider> providers)
    {
        _providers = new Dictionary<string, ICompressionProvider>(StringComparer.Ordinal);
        foreach (var provider in providers)
        {
            _providers.TryAdd(provider.EncodingName, provider);
        }

        AcceptEncoding = string.Join(',', _providers.Keys.Prepend(GrpcHeaderNames.Identity));
    }

    /// <summary>The value of <c>grpc-accept-encoding</c>.</summary>
    public string AcceptEncoding { get; }

    public static IReadOnlyList<ICompressionProvider> DefaultProviders { get; } = [new GzipCompressionProvider(CompressionLevel.Fastest)];

    public static bool IsIdentity(string? encoding) =>
        string.IsNullOrEmpty(encoding) || string.Equals(encoding, GrpcHeaderNames.Identity, StringComparison.Ordinal);

    public ICompressionProvider? Find(string encoding) => _providers.GetValueOrDefault(encoding);

    /// <summary>Turns a frame with a plain payload into one with a compressed payload; disposes the plain one.</summary>
    public static PooledBuffer Compress(PooledBuffer plain, ICompressionProvider provider, CompressionLevel? level)
    {
        using (plain)
        {
            var compressed = new PooledBuffer(plain.Length / 2, Array.MaxLength, MessageFrame.TooLarge);
            try
            {
                compressed.Write(stackalloc byte[MessageFrame.HeaderSizeBytes]);
                using (var stream = provider.CreateCompressionStream(new PooledBufferStream(compressed), level))
                {
                    stream.Write(plain.WrittenSpan[MessageFrame.HeaderSizeBytes..]);
                }

                return compressed;
            }
            catch
            {
                compressed.Dispose();
                throw;
            }
        }
    }

    /// <summary>
    /// The plain payload, which the caller disposes. The limit holds for what comes out, so a small message can't blow up.
    /// </summary>
    /// <exception cref="RpcException">
    /// RESOURCE_EXHAUSTED: larger than allowed. INTERNAL: compressed without an encoding, or not what the encoding says.
    /// UNIMPLEMENTED: an encoding that this side does not have.
    /// </exception>
    public PooledBuffer Decompress(in ReadOnlySequence<byte> payload, string? encoding, int? maxMessageSizeBytes)
    {
        if (IsIdentity(encoding))
        {
            throw new RpcException(new Status(StatusCode.Internal, "Request did not include grpc-encoding value with compressed message."));
        }

        var provider = Find(encoding!)
            ?? throw new RpcException(new Status(StatusCode.Unimplemented, $"Unsupported grpc-encoding value '{encoding}'. Supported encodings: {AcceptEncoding}"));
        var limit = maxMessageSizeBytes ?? Array.MaxLength;
        var plain = new PooledBuffer((int)Math.Min(2 * payload.Length, limit), limit, MessageFrame.TooLarge);
        try
        {
            using var stream = provider.CreateDecompressionStream(new SequenceStream(payload));
            // One byte beyond the limit is asked for too, so that a message of exactly the limit is told from a larger one.
            Span<byte> probe = stackalloc byte[1];
            while (true)
            {
                var target = plain.Length == limit ? probe : plain.GetSpan();
                var read = stream.Read(target);
                if (read == 0)
                {
                    return plain;
                }

                if (plain.Length == limit)
                {
                    throw MessageFrame.TooLarge();
                }

                plain.Advance(read);
            }
        }
        catch (Exception e)
        {
            plain.Dispose();
            if (e is InvalidDataException or EndOfStreamException)
            {
                throw new RpcException(new Status(StatusCode.Internal, "Failed to decompress the message.", e));
            }

            throw;
        }
    }
}
