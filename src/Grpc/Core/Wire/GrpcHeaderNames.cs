namespace Grpc.Core.Wire;

/// <summary>Names and fixed values of the HTTP/2 mapping: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md.</summary>
internal static class GrpcHeaderNames
{
    public const string ContentType = "application/grpc";
    public const string Timeout = "grpc-timeout";
    public const string Encoding = "grpc-encoding";
    public const string AcceptEncoding = "grpc-accept-encoding";
    public const string Status = "grpc-status";
    public const string Message = "grpc-message";
    public const string Te = "te";
    public const string Trailers = "trailers";
    public const string Identity = "identity";
    public const int DefaultMaxReceiveMessageSizeBytes = 4 * 1024 * 1024;

    /// <summary>
    /// Headers that belong to the transport or the protocol: never taken from a caller's metadata for sending, never shown to a handler as metadata.
    /// </summary>
    public static bool IsReserved(string name) =>
        name.StartsWith(':') || name.ToLowerInvariant() is
            "content-type" or "te" or "grpc-timeout" or "grpc-encoding" or "grpc-accept-encoding" or "grpc-status" or "grpc-message"
            or "content-length" or "connection" or "transfer-encoding" or "host" or "accept-encoding"
            or Metadata.CompressionRequestAlgorithmMetadataKey;

    /// <summary><c>application/grpc</c>, also followed by <c>+proto</c> or parameters.</summary>
    public static bool IsGrpcContentType(string? contentType) =>
        contentType is not null
        && contentType.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase)
        && (contentType.Length == ContentType.Length || contentType[ContentType.Length] is ';' or '+');
}
