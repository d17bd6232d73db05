using System.Net.Http.Headers;
using System.Reflection;
using Grpc.Core;
using Grpc.Core.Wire;
using Grpc.Net.Compression;

namespace Grpc.Net.Client.Internal;

/// <summary>The headers of a request.</summary>
internal static class RequestHeaders
{
    private static readonly MediaTypeHeaderValue ContentType = new(GrpcHeaderNames.ContentType);

    private static readonly string UserAgent =
        $"grpc-dotnet-fleet/{typeof(RequestHeaders).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0"}";

    public static void Write(
        HttpRequestMessage request,
        GrpcChannel channel,
        string? host,
        Metadata? metadata,
        TimeSpan? timeLeft,
        ICompressionProvider? requestCompression)
    {
        request.Content!.Headers.ContentType = ContentType;
        if (host is not null)
        {
            request.Headers.Host = host;
        }

        request.Headers.TryAddWithoutValidation("user-agent", UserAgent);
        request.Headers.TryAddWithoutValidation(GrpcHeaderNames.Te, GrpcHeaderNames.Trailers);
        request.Headers.TryAddWithoutValidation(GrpcHeaderNames.AcceptEncoding, channel.Compression.AcceptEncoding);
        if (requestCompression is not null)
        {
            request.Headers.TryAddWithoutValidation(GrpcHeaderNames.Encoding, requestCompression.EncodingName);
        }

        if (timeLeft is { } left)
        {
            request.Headers.TryAddWithoutValidation(GrpcHeaderNames.Timeout, GrpcTimeout.Encode(left));
        }

        if (metadata is not null)
        {
            WriteMetadata(request, metadata);
        }
    }

    public static void WriteMetadata(HttpRequestMessage request, Metadata metadata)
    {
        foreach (var entry in metadata)
        {
            if (GrpcHeaderNames.IsReserved(entry.Key))
            {
                continue;
            }

            var value = entry.IsBinary ? BinaryHeader.Encode(entry.BytesWithoutCopy) : entry.Value;
            if (value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            {
                throw new RpcException(new Status(StatusCode.Internal, $"The value of the request header '{entry.Key}' is not printable ASCII."));
            }

            request.Headers.TryAddWithoutValidation(entry.Key, value);
        }
    }

    /// <summary>The compression that the caller asked for in the request's metadata; null: none.</summary>
    public static ICompressionProvider? FindCompression(Metadata? metadata, MessageCompression compression)
    {
        var encoding = metadata?.GetValue(Metadata.CompressionRequestAlgorithmMetadataKey);
        if (MessageCompression.IsIdentity(encoding))
        {
            return null;
        }

        return compression.Find(encoding!)
            ?? throw new InvalidOperationException($"Could not find compression provider for '{encoding}'.");
    }
}
