using Grpc.Core;
using Grpc.Core.Wire;
using Grpc.Net.Compression;
using Microsoft.Extensions.Logging;

namespace Grpc.Net.Client;

/// <summary>How a channel works.</summary>
public sealed class GrpcChannelOptions
{
    /// <summary>Null: as the address's scheme says.</summary>
    public ChannelCredentials? Credentials { get; set; }

    /// <summary>Bytes; null, the default: no limit. A larger message fails with RESOURCE_EXHAUSTED.</summary>
    public int? MaxSendMessageSize { get; set; }

    /// <summary>Bytes, after decompression; 4 MiB by default; null: no limit. A larger message fails with RESOURCE_EXHAUSTED.</summary>
    public int? MaxReceiveMessageSize { get; set; } = GrpcHeaderNames.DefaultMaxReceiveMessageSizeBytes;

    /// <summary>Null: nothing is logged.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>Null: gzip.</summary>
    public IList<ICompressionProvider>? CompressionProviders { get; set; }

    /// <summary>Makes the HTTP requests; not together with <see cref="HttpHandler"/>.</summary>
    public HttpClient? HttpClient { get; set; }

    /// <summary>
    /// Makes the HTTP requests; null: a <see cref="SocketsHttpHandler"/>. Keep-alive pings, client certificates and the trust in the
    /// server's certificate are this handler's settings.
    /// </summary>
    public HttpMessageHandler? HttpHandler { get; set; }

    /// <summary>Whether the channel disposes the client or handler it was given. One that it made itself it always does.</summary>
    public bool DisposeHttpClient { get; set; }

    /// <summary>
    /// Whether a cancelled call, or one past its deadline, throws <see cref="OperationCanceledException"/> in place of <see cref="RpcException"/>.
    /// </summary>
    public bool ThrowOperationCanceledOnCancellation { get; set; }

    /// <summary>Whether call credentials are sent in plain text over a channel without TLS. For tests.</summary>
    public bool UnsafeUseInsecureChannelCallCredentials { get; set; }

    /// <summary>The clock behind deadlines; for tests.</summary>
    internal TimeProvider TimeProvider { get; set; } = TimeProvider.System;
}
