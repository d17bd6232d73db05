using System.IO.Compression;
using Grpc.Net.Compression;

namespace Fleet.Protocol.Compression;

/// <summary>
/// gzip for gRPC messages, with a limit on what a message unpacks to. gRPC's own provider knows none: it checks what a message says before
/// it is unpacked, and 4 MiB of gzip unpack to 4 GiB.
/// </summary>
/// <param name="maxMessageBytes">Largest message after unpacking, bytes; a larger one ends its call with RESOURCE_EXHAUSTED.</param>
public sealed class BoundedGzip(int maxMessageBytes) : ICompressionProvider
{
    /// <inheritdoc/>
    public string EncodingName => "gzip";

    /// <inheritdoc/>
    public Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel) =>
        new GZipStream(stream, compressionLevel ?? CompressionLevel.Fastest, leaveOpen: true);

    /// <inheritdoc/>
    public Stream CreateDecompressionStream(Stream stream) =>
        new BoundedStream(new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true), maxMessageBytes);
}
